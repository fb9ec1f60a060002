import { expect, test } from '@jest/globals';
import { createBoundedReads } from '../src/receive/bounded-reads.ts';
import { startLrs } from './kit/lrs.ts';

const many = Array.from({ length: 300 });

test('reads that are over leave no place taken, however they ended', async () => {
  const reads = createBoundedReads({ withinMs: 1_000 });
  const refused = new Error('refused');
  const throwing = () => {
    throw refused;
  };
  for (const _ of many) await expect(reads.run(throwing)).rejects.toBe(refused);
  for (const _ of many) await expect(reads.run(() => Promise.reject(refused))).rejects.toBe(refused);
  expect(await reads.run(() => Promise.resolve('read'))).toBe('read');
});

test('a client that asks wrongly, again and again, keeps nobody from reading', async () => {
  const lrs = await startLrs();
  const client = await lrs.client('org_a');
  for (const _ of many) expect((await client.get('?verb=1')).status).toBe(400);
  expect((await client.get('?limit=1')).status).toBe(200);
  await lrs.stop();
}, 60_000);
