import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createConsistentThrough } from '../src/receive/consistent-through.ts';
import { UnavailableError } from '../src/query/unavailable-error.ts';
import { startClickHouse, startLrs } from './kit/lrs.ts';
import { statement } from './kit/statements.ts';

test('while ClickHouse is down, statements are taken, and who reads is asked to come again', async () => {
  const lrs = await startLrs();
  const client = await lrs.client('org_a');
  await (await startClickHouse()).kill();
  expect((await client.post(statement())).status).toBe(200);
  for (const query of ['', `?statementId=${randomUUID()}`]) {
    const { status, headers, body } = await client.get(query);
    expect([status, headers.get('retry-after'), body.error.code]).toEqual([503, '5', 'UNAVAILABLE']);
    expect(body.error.message).toMatch(/^ClickHouse /);
  }
  await lrs.stop();
}, 60_000);

test('a log that can not say how far reading is makes no answer, and no fault of ours', async () => {
  const through = createConsistentThrough({
    log: {
      lag: () => Promise.reject(new Error('no broker')),
      passed: () => Promise.reject(new Error('no broker')),
    },
    group: 'lrs-ingest',
    reader: { selectNewestStored: () => Promise.resolve(null) },
    watermark: { read: () => Promise.resolve({ low: new Date().toISOString(), alone: true }) },
    signal: new AbortController().signal,
  });
  await expect(through('org_a')).rejects.toBeInstanceOf(UnavailableError);
});
