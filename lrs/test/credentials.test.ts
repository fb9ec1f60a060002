import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { PrismaPg } from '@prisma/adapter-pg';
import { domainEvent, parseDomainEvent, type DomainEventOf } from '@lyceum/events';
import { createLogger } from '@lyceum/service';
import { eventually, prepareDatabase } from '@lyceum/testing';
import { createCredentials } from '../src/receive/credentials.ts';
import { readEnv } from '../src/receive/env.ts';
import { createKeyUse } from '../src/receive/key-use.ts';
import { startReceive } from '../src/receive/main.ts';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore } from '../src/store/store.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { secret, secretHash, xapiClient } from './kit/xapi-client.ts';

const row = {
  id: 'lrskey_1',
  organisationId: 'org_a',
  name: 'tool',
  key: 'tool',
  secretHash,
  scopes: ['all'],
  revokedAt: null,
  expiresAt: null,
  previousSecretHash: null,
  previousUntil: null,
};
const header = `Basic ${btoa(`tool:${secret}`)}`;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('credentials', () => {
  test('are looked up once in a moment, and again after it', async () => {
    let time = 0;
    let asked = 0;
    const selectKey = () => Promise.resolve((asked += 1) > 1 ? null : row);
    const credentials = createCredentials({ selectKey, rememberMs: 2_000, elapsed: () => time });
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

  test('of a key that expires are refused from that very moment on, remembered or not', async () => {
    let time = 999;
    const selectKey = () => Promise.resolve({ ...row, expiresAt: new Date(1_000) });
    const credentials = createCredentials({ selectKey, now: () => time });
    await credentials.verify(header);
    time = 1_000;
    await expect(credentials.verify(header)).rejects.toMatchObject({ status: 401 });
  });

  test('with the secret before a rotation open until the overlap ends, with the new one beyond', async () => {
    let time = 999;
    const rotated = {
      secretHash: sha256('new'),
      previousSecretHash: secretHash,
      previousUntil: new Date(1_000),
    };
    const selectKey = () => Promise.resolve({ ...row, ...rotated });
    const credentials = createCredentials({ selectKey, now: () => time });
    await credentials.verify(header);
    time = 1_000;
    await expect(credentials.verify(header)).rejects.toMatchObject({ status: 401 });
    expect(await credentials.verify(`Basic ${btoa('tool:new')}`)).toMatchObject({ keyId: 'lrskey_1' });
  });

  test('that open something are noted as used, others are not', async () => {
    const used: unknown[] = [];
    const credentials = createCredentials({
      selectKey: () => Promise.resolve(row),
      now: () => 5,
      onUsed: ({ keyId }, at) => used.push([keyId, at]),
    });
    await credentials.verify(header);
    await credentials.verify(header);
    await credentials.verify(`Basic ${btoa('tool:wrong')}`).catch(() => undefined);
    expect(used).toEqual([
      ['lrskey_1', 5],
      ['lrskey_1', 5],
    ]);
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

/** The promise of the product, for every receiver. */
const promised = { timeoutMs: 5_000 };

/** A whole LRS with a second receiver; there is no identity, only what it had told before. */
async function startTwoReceivers() {
  const lrs = await startLrs();
  const second = await startReceive(readEnv(lrs.env), createLogger({ service: 'test', level: 'silent' }));
  const stop = async () => {
    await second.stop();
    await lrs.stop();
  };
  return { ...lrs, urls: [lrs.url, second.url ?? ''], stop };
}

const statusesOf = async (urls: readonly string[], key: string) =>
  Promise.all(urls.map(async (url) => (await xapiClient(url, key).post('[]')).status));

test('a revoked key opens nothing at any receiver within 5 s, with identity away', async () => {
  const lrs = await startTwoReceivers();
  try {
    await lrs.client('org_a');
    await eventually(async () => {
      expect(await statusesOf(lrs.urls, 'key1')).toEqual([200, 200]);
    });
    await lrs.revokeKey('key1', 'org_a');
    await eventually(async () => {
      expect(await statusesOf(lrs.urls, 'key1')).toEqual([401, 401]);
    }, promised);
  } finally {
    await lrs.stop();
  }
}, 60_000);

test('a suspended organisation’s keys open nothing at any receiver within 5 s, one made meanwhile neither; reinstated they do', async () => {
  const lrs = await startTwoReceivers();
  const tell = (revision: number) => {
    const organisation = { id: 'org_a', name: 'A', slug: 'a', revision };
    const [now, until] = [new Date().toISOString(), { accessTokensUntil: new Date().toISOString() }];
    const about = { subject: 'org_a', organisation: 'org_a' };
    return lrs.log.append([
      revision % 2 === 0
        ? domainEvent({
            type: 'organisation.suspended',
            ...about,
            data: { organisation: { ...organisation, state: 'SUSPENDED', suspendedAt: now, ...until } },
          })
        : domainEvent({
            type: 'organisation.reinstated',
            ...about,
            data: { organisation: { ...organisation, state: 'ACTIVE', sessionsFrom: now, ...until } },
          }),
    ]);
  };
  const untilAll = (key: string, status: number) =>
    eventually(async () => {
      expect(await statusesOf(lrs.urls, key)).toEqual([status, status]);
    }, promised);
  try {
    await lrs.client('org_a');
    await lrs.client('org_b');
    await untilAll('key1', 200);
    await tell(2);
    await untilAll('key1', 401);
    await untilAll('key2', 200);
    await lrs.createKey({ name: 'meanwhile', organisationId: 'org_a' });
    await lrs.client('org_b');
    expect(await statusesOf(lrs.urls, 'meanwhile')).toEqual([401, 401]);
    await tell(3);
    await untilAll('key1', 200);
    await untilAll('meanwhile', 200);
  } finally {
    await lrs.stop();
  }
}, 60_000);

test('what was told of an organisation before changes nothing when it comes once more', async () => {
  const url = await prepareDatabase('lrs', fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: serviceDatabaseUrl(url, 'lrs') }),
  });
  try {
    const { organisations, lrsKeys } = createStore(prisma);
    const { id, organisationId, name, key, scopes, expiresAt } = row;
    await lrsKeys.insert({ id, organisationId, name, key, secretHash, scopes, expiresAt });
    for (const [revision, opens] of [
      [2, false],
      [3, true],
      [2, true],
      [4, false],
      [3, false],
    ] as const) {
      await organisations.upsert({ id: organisationId, suspended: revision % 2 === 0, revision });
      expect([revision, (await lrsKeys.selectOptionalActive(key)) !== null]).toEqual([revision, opens]);
    }
  } finally {
    await prisma.$disconnect();
  }
});

test('a rotated key opens with the new secret, and no longer with the old one where none was granted', async () => {
  const lrs = await startLrs();
  try {
    const client = await lrs.client('org_a');
    const rotated = { id: 'lrskey_key1', key: 'key1', organisationId: 'org_a', secretHash: sha256('new') };
    await rotate(lrs, { ...rotated, previousUntil: new Date().toISOString() });
    await eventually(async () => {
      expect((await client.post('[]')).status).toBe(401);
    }, promised);
    const authorization = `Basic ${btoa('key1:new')}`;
    const { status } = await client.send('POST', '/xapi/statements', {
      body: '[]',
      headers: { authorization },
    });
    expect(status).toBe(200);
  } finally {
    await lrs.stop();
  }
}, 60_000);

function rotate(
  { log }: Lrs,
  key: Omit<DomainEventOf<'lrs-key.rotated'>['data']['key'], 'previousSecretHash'>,
) {
  const data = { key: { ...key, previousSecretHash: secretHash } };
  return log.append([
    domainEvent({ type: 'lrs-key.rotated', subject: key.id, organisation: key.organisationId, data }),
  ]);
}

test('the use of a key is told in the log, at the latest when a receiver stops', async () => {
  const lrs = await startLrs();
  const before = Date.now();
  await lrs.client('org_a');
  const reading = new AbortController();
  const tail = lrs.log.tail({ topic: 'lrs.events', from: 'now', signal: reading.signal });
  await tail.ready;
  await lrs.stopReceiving();
  for await (const record of tail) {
    const event = parseDomainEvent(record);
    expect(event).toMatchObject({
      type: 'lrs-key.used',
      organisation: 'org_a',
      data: { key: { id: 'lrskey_key1', organisationId: 'org_a' } },
    });
    const { lastUsedAt } = (event as DomainEventOf<'lrs-key.used'>).data.key;
    expect(new Date(lastUsedAt).getTime()).toBeGreaterThanOrEqual(before);
    break;
  }
  reading.abort();
  await lrs.stop();
}, 60_000);

test('use is told once a period, the latest of each key, and again where the log was away', async () => {
  const told: string[][] = [];
  let away = true;
  const keyUse = createKeyUse({
    append: (records) => {
      if (away) return Promise.reject(new Error('away'));
      told.push(records.map(({ value }) => lastUseIn(String(value))));
      return Promise.resolve();
    },
    logger: createLogger({ service: 'test', level: 'silent' }),
    everyMs: 20,
  });
  const of = (keyId: string) => ({
    keyId,
    name: '',
    organisationId: 'org_a',
    scopes: new Set<string>(),
    until: 0,
  });
  keyUse.note(of('a'), 1);
  keyUse.note(of('b'), 2);
  keyUse.note(of('a'), 3);
  await eventually(() => {
    away = false;
    expect(told.flat()).toEqual(['a 3', 'b 2']);
  });
  await keyUse.stop();
  expect(told.flat()).toHaveLength(2);
});

function lastUseIn(text: string): string {
  const { data } = JSON.parse(text) as DomainEventOf<'lrs-key.used'>;
  return `${data.key.id} ${new Date(data.key.lastUsedAt).getTime()}`;
}
