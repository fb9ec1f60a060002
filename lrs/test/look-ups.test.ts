import { expect, test } from '@jest/globals';
import { createLookUps } from '../src/ids/look-ups.ts';
import type { IdentifiedRecord } from '../src/ids/ingested-ids.ts';

const record = (offset: number, more: Partial<IdentifiedRecord> = {}): IdentifiedRecord => ({
  topic: 'statements',
  partition: 1,
  offset: String(offset),
  organisationId: 'org_a',
  ids: [`id-${String(offset)}`],
  claim: 'log',
  ...more,
});

/** Look-ups of a partition that ends before an offset, and what of it is looked up. */
function lookUpsOf(o: { end: () => number | undefined; isUnsure?: () => boolean }) {
  let next = 0;
  const lookUps = createLookUps({
    ids: {
      selectUnsure: (records) => Promise.resolve(new Set(o.isUnsure?.() === true ? records : [])),
    },
    lag: () => {
      const end = o.end();
      if (end === undefined) return Promise.reject(new Error('no answer'));
      return Promise.resolve([{ topic: 'statements', partition: 1, lag: end - next, committed: next }]);
    },
  });
  return async (...records: IdentifiedRecord[]) => {
    next = Number(records[0]?.offset);
    const found = await lookUps.select(records);
    lookUps.written(records);
    return [...found].map(({ offset }) => Number(offset));
  };
}

test('what was on the log when the partition was taken over is looked up, what comes later is not', async () => {
  const handle = lookUpsOf({ end: () => 3 });
  expect(await handle(record(0), record(1))).toEqual([0, 1]);
  expect(await handle(record(2), record(3), record(4))).toEqual([2]);
  expect(await handle(record(5))).toEqual([]);
});

test('an id that nobody took is looked up, and whoever took the same before that was noted', async () => {
  const handle = lookUpsOf({ end: () => 1 });
  await handle(record(0));
  expect(await handle(record(1, { claim: undefined }), record(2))).toEqual([1]);
  expect(await handle(record(3, { ids: ['id-1'] }), record(4))).toEqual([3]);
  expect(await handle(record(5, { ids: ['id-1'], organisationId: 'org_b' }))).toEqual([]);
});

test('once somebody else may have had the partition, all that is there is looked up', async () => {
  let end = 1;
  const handle = lookUpsOf({ end: () => end });
  await handle(record(0));
  expect(await handle(record(1))).toEqual([]);
  end = 8;
  expect(await handle(record(5), record(6))).toEqual([5, 6]);
  expect(await handle(record(7))).toEqual([7]);
  expect(await handle(record(8))).toEqual([]);
  // The same again, from an offset that was read before.
  expect(await handle(record(7))).toEqual([7]);
});

test('all is looked up until old ids were taken, and what was then on the log', async () => {
  let isUnsure = true;
  let end = 1;
  const handle = lookUpsOf({ end: () => end, isUnsure: () => isUnsure });
  expect(await handle(record(0))).toEqual([0]);
  expect(await handle(record(1))).toEqual([1]);
  isUnsure = false;
  end = 4;
  expect(await handle(record(2), record(3))).toEqual([2, 3]);
  expect(await handle(record(4))).toEqual([]);
});

test('all is looked up while the log does not say where it ends', async () => {
  let end: number | undefined = undefined as number | undefined;
  const handle = lookUpsOf({ end: () => end });
  expect(await handle(record(0))).toEqual([0]);
  expect(await handle(record(1))).toEqual([1]);
  end = 3;
  expect(await handle(record(2))).toEqual([2]);
  expect(await handle(record(3))).toEqual([]);
});

test('of more ids that nobody took than are remembered none is forgotten', async () => {
  let end = 1;
  const handle = lookUpsOf({ end: () => end });
  await handle(record(0));
  const ids = Array.from({ length: 10_001 }, (_, index) => `own-${String(index)}`);
  end = 4;
  expect(await handle(record(1, { claim: undefined, ids }))).toEqual([1]);
  expect(await handle(record(2, { ids: ['own-3'] }), record(3))).toEqual([2, 3]);
  expect(await handle(record(4))).toEqual([]);
});
