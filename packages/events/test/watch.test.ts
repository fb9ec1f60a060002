import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { appendRecords } from '../src/embedded/append.ts';
import { join as joinGroup } from '../src/embedded/ownership.ts';
import { acquireStore } from '../src/embedded/shared-store.ts';
import { openTopic, type Topic } from '../src/embedded/topics.ts';

const settings = { one: { partitions: 1 }, other: { partitions: 1 } };
const never = new AbortController().signal;

let directory: string;
let log: ReturnType<typeof acquireStore>;
let one: Topic;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lyceum-watch-'));
  log = acquireStore(directory);
  one = await openTopic(log.store, 'one', settings);
});

afterEach(async () => {
  await log.release();
  rmSync(directory, { recursive: true });
});

const append = (topic: string) => appendRecords(log.store, settings, [{ topic, key: 'a', value: 'x' }]);
const atEnd = (records = 0) => log.watch.records(one, new Map([[0, records]]), never);

/** Whether it resolves at once, long before the bell is heard by itself. */
function settles(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => true), delay(40, false)]);
}

test('who waits for records is woken by those of the same partition, and by no others', async () => {
  const waiting = atEnd();
  await append('other');
  log.watch.announce();
  expect(await settles(waiting)).toBe(false);
  await append('one');
  log.watch.announce();
  expect(await settles(waiting)).toBe(true);
});

test('records that were announced before anybody waited are found', async () => {
  await append('one');
  log.watch.announce();
  await delay(1);
  expect(await settles(atEnd())).toBe(true);
  expect(await settles(atEnd(1))).toBe(false);
});

test('who waits at an offset that retention has passed is woken', async () => {
  await append('one');
  const waiting = log.watch.records(one, new Map([[0, 5]]), never);
  await log.store.write(() => {
    log.store.partitions.putSync([one.id, 0], { start: 6, next: 6, bytes: 0 });
  });
  log.watch.announce();
  expect(await settles(waiting)).toBe(true);
});

test('who waits for a change of a group is woken by that, not by another group’s, and after the time', async () => {
  const member = (group: string) => ({ group, id: 'm', instance: 'i', topics: ['one'] });
  const waiting = log.watch.group('g', 0, 30_000, never);
  await joinGroup(log.store, member('h'), [one], 'earliest');
  log.watch.announce();
  expect(await settles(waiting)).toBe(false);
  await joinGroup(log.store, member('g'), [one], 'earliest');
  log.watch.announce();
  expect(await settles(waiting)).toBe(true);
  expect(await settles(log.watch.group('g', 1, 5, never))).toBe(true);
});

test('a wait ends with its signal', async () => {
  const stop = new AbortController();
  const waiting = log.watch.records(one, new Map([[0, 0]]), stop.signal);
  stop.abort();
  expect(await settles(waiting)).toBe(true);
});
