import { describe, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { createCredentials } from '../src/receive/credentials.ts';
import { startLrs } from './kit/lrs.ts';
import { secret, secretHash } from './kit/xapi-client.ts';

const row = {
  id: 'lrskey_1',
  organisationId: 'org_a',
  name: 'tool',
  key: 'tool',
  secretHash,
  scopes: ['all'],
  revokedAt: null,
};
const header = `Basic ${btoa(`tool:${secret}`)}`;

describe('credentials', () => {
  test('are looked up once in a moment, and again after it', async () => {
    let time = 0;
    let asked = 0;
    const selectKey = () => Promise.resolve((asked += 1) > 1 ? null : row);
    const credentials = createCredentials({ selectKey, rememberMs: 2_000, now: () => time });
    await credentials.verify(header);
    time = 1_999;
    expect(await credentials.verify(header)).toMatchObject({ organisationId: 'org_a' });
    time = 2_000;
    await expect(credentials.verify(header)).rejects.toMatchObject({ status: 401 });
    expect(asked).toBe(2);
  });

  test('that can not be looked up are neither right nor wrong, and not remembered', async () => {
    let asked = 0;
    const selectKey = () => ((asked += 1) > 1 ? Promise.resolve(row) : Promise.reject(new Error('down')));
    const credentials = createCredentials({ selectKey });
    await expect(credentials.verify(header)).rejects.toMatchObject({ status: 503 });
    expect(await credentials.verify(header)).toMatchObject({ keyId: 'lrskey_1' });
  });

  test.each([
    undefined,
    '',
    'Basic',
    'Basic !',
    `Bearer ${btoa(`tool:${secret}`)}`,
    `Basic ${btoa('tool')}`,
    `Basic ${btoa('tool:wrong')}`,
    `Basic ${btoa('\0:x')}`,
  ])('%s opens nothing', async (authorization) => {
    const credentials = createCredentials({ selectKey: () => Promise.resolve(row) });
    await expect(credentials.verify(authorization)).rejects.toMatchObject({ status: 401 });
  });
});

// How long it is remembered is tested above, by a clock that stands still.
test('a revoked key soon opens nothing, and stays so', async () => {
  const lrs = await startLrs();
  try {
    const client = await lrs.client('org_a');
    await lrs.revokeKey('key1', 'org_a');
    await eventually(async () => {
      expect((await client.post('[]')).status).toBe(401);
    });
    // The event of its making comes once more.
    await lrs.createKey({ name: 'key1', organisationId: 'org_a' });
    await lrs.createKey({ name: 'other', organisationId: 'org_a' });
    await lrs.client('org_a');
    expect((await client.post('[]')).status).toBe(401);
  } finally {
    await lrs.stop();
  }
}, 60_000);
