import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { StoreJobKind } from '../src/store/store-jobs.ts';
import type { Database } from '../src/store/store.ts';
import { openedStore } from './kit/opened-store.ts';

let store: Database;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ store, close } = await openedStore(6));
}, 60_000);

afterEach(() => close());

/** Inserted now, asked for so many seconds after midnight. */
const insert = (jobId: string, kind: StoreJobKind, seconds: number, organisationId = 'org_a') =>
  store.storeJobs.insertOptional(
    {
      jobId,
      kind,
      organisationId,
      requestedBy: 'user_01',
      requestedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString(),
    },
    { state: 'RUNNING', expiresAt: null },
  );

const lease = async (kind: StoreJobKind, worker: string = kind, leaseMs = 60_000) =>
  (await store.transaction((tx) => tx.storeJobs.lease([kind], worker, leaseMs)))?.id;

const end = (id: string, worker: string) => store.storeJobs.updateStep(id, worker, { state: 'DONE' });

test('of an export and a retention that wait the one goes that was asked for first, whichever came first', async () => {
  await insert('later', 'EXPORT', 2);
  await insert('earlier', 'RETENTION', 1);
  expect(await lease('EXPORT')).toBeUndefined();
  expect(await lease('RETENTION')).toBe('earlier');
  expect(await lease('EXPORT')).toBeUndefined();
  await end('earlier', 'RETENTION');
  expect(await lease('EXPORT')).toBe('later');
});

test('what has begun goes on, though an earlier request comes behind it', async () => {
  await insert('later', 'EXPORT', 2);
  expect(await lease('EXPORT')).toBe('later');
  await insert('earlier', 'RETENTION', 1);
  expect(await lease('RETENTION')).toBeUndefined();
  await store.storeJobs.updateStep('later', 'EXPORT', { place: { parts: 0 } });
  await store.storeJobs.updateGivenBack('later', 'EXPORT', null);
  expect(await lease('RETENTION')).toBeUndefined();
  expect(await lease('EXPORT')).toBe('later');
  await end('later', 'EXPORT');
  expect(await lease('RETENTION')).toBe('earlier');
});

test('a worker that slept and wrote late stops nobody for good', async () => {
  await insert('first', 'EXPORT', 1);
  await insert('second', 'RETENTION', 2);
  expect(await lease('EXPORT', 'sleeper', 0)).toBe('first');
  expect(await lease('RETENTION', 'other', 0)).toBeUndefined();
  await store.storeJobs.updateGivenBack('first', 'sleeper', new Date(0));
  await insert('zeroth', 'RETENTION', 0);
  expect(await lease('RETENTION', 'other', 0)).toBe('zeroth');
  await store.storeJobs.updateStep('first', 'sleeper', { place: { parts: 0 } });
  await store.storeJobs.updateStep('zeroth', 'other', { place: { begun: true } });
  expect(await lease('EXPORT')).toBeUndefined();
  expect(await lease('RETENTION')).toBe('zeroth');
  await end('zeroth', 'RETENTION');
  expect(await lease('EXPORT')).toBe('first');
});

test('two exports, and what is of different organisations, do not wait', async () => {
  await insert('one', 'EXPORT', 1);
  await insert('two', 'EXPORT', 2);
  await insert('elsewhere', 'RETENTION', 3, 'org_b');
  expect([await lease('EXPORT', 'a'), await lease('EXPORT', 'b'), await lease('RETENTION')]).toEqual([
    'one',
    'two',
    'elsewhere',
  ]);
});

test('many who look at once never have an export and a retention of one organisation both', async () => {
  for (let round = 0; round < 20; round += 1) {
    const organisation = `org_${String(round)}`;
    const looking = ['a', 'b', 'c'].flatMap((worker) => [
      lease('EXPORT', `export-${worker}`),
      lease('RETENTION', `retention-${worker}`),
    ]);
    const inserting = [
      insert(`${organisation}-export`, 'EXPORT', 2, organisation),
      insert(`${organisation}-retention`, 'RETENTION', 1, organisation),
    ];
    const taken = (await Promise.all(looking)).filter((id) => id !== undefined);
    await Promise.all(inserting);
    taken.push(
      ...[await lease('EXPORT', 'last'), await lease('RETENTION', 'last')].filter((id) => id !== undefined),
    );
    expect(taken.filter((id) => id.startsWith(`${organisation}-`))).toHaveLength(1);
    for (const id of taken)
      for (const worker of ['a', 'b', 'c']
        .flatMap((each) => [`export-${each}`, `retention-${each}`])
        .concat('last'))
        await end(id, worker);
    const rest = [await lease('EXPORT', 'last'), await lease('RETENTION', 'last')].filter(
      (id) => id !== undefined,
    );
    expect(rest).toHaveLength(1);
    for (const id of rest) await end(id, 'last');
  }
}, 60_000);
