// In one file, although it is long: it is the one list of what event-log.ts promises, and every test of it uses the one log
// that is opened below, which on Kafka takes seconds.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '@lyceum/service';
import {
  createDeadLetters,
  CursorExpiredError,
  followTopic,
  InvalidCursorError,
  RecordTooLargeError,
  UnreadableRecordError,
  type AppendRecord,
  type Consumer,
  type EventLog,
  type LogRecord,
  type RecordBatch,
  type TopicSettingsByName,
} from '../src/index.ts';
import { killChildren, startChild } from './child.ts';
import { eventually } from './eventually.ts';
import { partitionOf } from '../src/partitioner.ts';
import type { LogChildInput, LogChildMessage, LogConnection } from './log-child-protocol.ts';

/** What an adapter brings along to be held to the contract. */
export interface LogFixture {
  /** How a child process reaches the same log. */
  readonly connection: LogConnection;
  open(settings?: TopicSettingsByName): Promise<EventLog>;
  dispose(): Promise<void>;
}

/** Against a hang, not to measure: Kafka on a busy machine takes its time. */
const SLOW = 150_000;
const silentLogger = createLogger({ service: 'test', level: 'silent' });
const text = (record: LogRecord) => record.value.toString();
const numbered = (count: number) => Array.from({ length: count }, (_, index) => index);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in buffers that somebody still holds. The collector frees some of them a moment later: ask again. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** The promises of event-log.ts, each as a test. */
export function eventLogContract(name: string, createFixture: () => Promise<LogFixture>): void {
  describe(`the event log on ${name}`, () => {
    let fixture: LogFixture;
    let log: EventLog;

    beforeAll(async () => {
      fixture = await createFixture();
      log = await fixture.open();
    }, SLOW);

    afterAll(async () => {
      killChildren();
      await log.close();
      await fixture.dispose();
    }, SLOW);

    const fresh = (word: string) => `${word}-${randomUUID()}`;
    const child = (input: LogChildInput) => startChild<LogChildMessage>('log-child.ts', input);

    /** Collects what a new group reads of a topic. */
    async function collect(topic: string, options: { group?: string; log?: EventLog } = {}) {
      const records: LogRecord[] = [];
      const consumer = await (options.log ?? log).consume({
        topics: [topic],
        group: options.group ?? fresh('group'),
        handle: async (batch) => {
          records.push(...batch.records);
        },
      });
      return { records, consumer };
    }

    function tailInto(topic: string, from: Parameters<EventLog['tail']>[0]['from'], into: LogRecord[]) {
      const stop = new AbortController();
      const tail = log.tail({ topic, from, signal: stop.signal });
      const ended = (async () => {
        for await (const record of tail) into.push(record);
      })();
      ended.catch(() => undefined);
      return { ready: tail.ready, caughtUp: tail.caughtUp, stop: () => (stop.abort(), ended), ended };
    }

    test(
      'gives back key, value, headers and time of a record as they were appended',
      async () => {
        const topic = fresh('round-trip');
        const before = Date.now();
        const value = Buffer.from([0, 255, 10, 13, 0]);
        await log.append([{ topic, key: 'clé', value, headers: { a: '1', reason: 'naïve — ☃' } }]);
        const { records, consumer } = await collect(topic);
        await eventually(() => {
          expect(records).toHaveLength(1);
        });
        await consumer.stop();
        expect(records[0]).toMatchObject({
          topic,
          key: 'clé',
          value,
          headers: { a: '1', reason: 'naïve — ☃' },
        });
        const at = records[0]!.appendedAt.getTime();
        expect(at).toBeGreaterThanOrEqual(before - 1_000);
        expect(at).toBeLessThanOrEqual(Date.now() + 1_000);
      },
      SLOW,
    );

    test(
      'keeps the order of the records of one key, whatever is appended at the same time',
      async () => {
        const topic = fresh('order');
        const keys = numbered(8).map((index) => `key-${index}`);
        const appendAll = async (key: string) => {
          for (const index of numbered(25)) await log.append([{ topic, key, value: String(index) }]);
        };
        await Promise.all(keys.map(appendAll));
        const { records, consumer } = await collect(topic);
        await eventually(() => {
          expect(records).toHaveLength(200);
        });
        await consumer.stop();
        for (const key of keys) {
          expect(records.filter((record) => record.key === key).map(text)).toEqual(numbered(25).map(String));
        }
        expect(new Set(records.map(({ partition }) => partition)).size).toBeGreaterThan(1);
      },
      SLOW,
    );

    test(
      'shows readers all records of an append or none, over topics, through kill -9 of the appender',
      async () => {
        const topics = [fresh('whole-a'), fresh('whole-b')];
        const appender = child({ role: 'append', log: fixture.connection, topics, batchSize: 12 });
        await eventually(() => {
          expect(appender.messages.length).toBeGreaterThan(20);
        }, SLOW);
        await appender.kill();
        const acknowledged = appender.messages.map(({ appended }) => appended);
        // The last append was acknowledged to nobody: it may be there, but then whole.
        const end = fresh('end');
        await log.append(
          topics.flatMap((topic) => numbered(12).map((i) => ({ topic, key: `key-${i}`, value: end }))),
        );
        const [a, b] = await Promise.all(topics.map((topic) => collect(topic)));
        const all = () => [...a!.records, ...b!.records].map(text);
        await eventually(() => {
          expect(all().filter((value) => value === end)).toHaveLength(24);
        }, SLOW);
        await Promise.all([a!.consumer.stop(), b!.consumer.stop()]);
        const counts = new Map<string, number>();
        for (const value of all()) counts.set(value, (counts.get(value) ?? 0) + 1);
        expect([...counts.values()].every((count) => count === 24)).toBe(true);
        expect([...counts.keys()]).toEqual(expect.arrayContaining(acknowledged));
      },
      SLOW,
    );

    test(
      'appends nothing of a batch when one record of it is refused',
      async () => {
        const topic = fresh('refused');
        const huge = { topic, key: 'b', value: Buffer.alloc(9 * 2 ** 20) };
        await expect(log.append([{ topic, key: 'a', value: 'no' }, huge])).rejects.toThrow(
          RecordTooLargeError,
        );
        await log.append([{ topic, key: 'a', value: 'yes' }]);
        const { records, consumer } = await collect(topic);
        await eventually(() => {
          expect(records.map(text)).toContain('yes');
        });
        await consumer.stop();
        expect(records.map(text)).toEqual(['yes']);
      },
      SLOW,
    );

    test(
      'carries a record of 5 MB',
      async () => {
        const topic = fresh('large');
        const value = Buffer.alloc(5 * 2 ** 20, 'lyceum');
        await log.append([{ topic, key: 'a', value }]);
        const { records, consumer } = await collect(topic);
        await eventually(() => {
          expect(records).toHaveLength(1);
        }, SLOW);
        await consumer.stop();
        expect(records[0]!.value.equals(value)).toBe(true);
      },
      SLOW,
    );

    test(
      'delivers again what a member had handled but not committed when it was killed',
      async () => {
        const topic = fresh('redelivery');
        const group = fresh('group');
        await log.append([{ topic, key: 'a', value: 'one' }]);
        const member = child({ role: 'hang', log: fixture.connection, topics: [topic], group });
        await eventually(() => {
          expect(member.messages.flatMap(({ handled }) => handled ?? [])).toEqual(['one']);
        }, SLOW);
        await member.kill();
        const { records, consumer } = await collect(topic, { group });
        await eventually(() => {
          expect(records.map(text)).toEqual(['one']);
        }, SLOW);
        await consumer.stop();
      },
      SLOW,
    );

    test(
      'does not deliver again what was committed',
      async () => {
        const topic = fresh('committed');
        const group = fresh('group');
        await log.append([{ topic, key: 'a', value: 'one' }]);
        const first = await collect(topic, { group });
        await eventually(() => {
          expect(first.records).toHaveLength(1);
        }, SLOW);
        await first.consumer.stop();
        await log.append([{ topic, key: 'a', value: 'two' }]);
        const second = await collect(topic, { group });
        await eventually(() => {
          expect(second.records.length).toBeGreaterThan(0);
        }, SLOW);
        await second.consumer.stop();
        expect(second.records.map(text)).toEqual(['two']);
      },
      SLOW,
    );

    test(
      'a rejected batch never advances the commit, and nothing behind it is handled before it',
      async () => {
        const topic = fresh('rejected');
        const group = fresh('group');
        const tried: string[] = [];
        let failures = 3;
        await log.append(numbered(4).map((index) => ({ topic, key: 'a', value: String(index) })));
        const consumer = await log.consume({
          topics: [topic],
          group,
          maxBatchRecords: 2,
          handle: async ({ records }) => {
            tried.push(records.map(text).join());
            if (failures-- > 0) throw new Error('the database is away');
          },
        });
        await eventually(() => {
          expect(tried.at(-1)).toMatch(/3$/);
        }, SLOW);
        await consumer.stop();
        const rejected = tried[0]!;
        expect(tried.slice(0, 4)).toEqual([rejected, rejected, rejected, rejected]);
        expect([...new Set(tried)].join()).toBe('0,1,2,3');
      },
      SLOW,
    );

    test(
      'stops at once while a batch is being retried, and leaves it to the next member',
      async () => {
        const topic = fresh('given-up');
        const group = fresh('group');
        await log.append([{ topic, key: 'a', value: 'one' }]);
        let tries = 0;
        const consumer = await log.consume({
          topics: [topic],
          group,
          handle: async () => {
            tries += 1;
            throw new Error('never');
          },
        });
        await eventually(() => {
          expect(tries).toBeGreaterThan(1);
        }, SLOW);
        await consumer.stop();
        const next = await collect(topic, { group });
        await eventually(() => {
          expect(next.records.map(text)).toEqual(['one']);
        }, SLOW);
        await next.consumer.stop();
      },
      SLOW,
    );

    test(
      'sends an unreadable record to the dead-letter topic with its reason, and goes on',
      async () => {
        const topic = fresh('poison');
        const handled: string[] = [];
        await log.append(
          ['a', 'poison', 'b'].map((value) => ({ topic, key: 'k', value, headers: { h: '1' } })),
        );
        const consumer = await log.consume({
          topics: [topic],
          group: 'readers',
          handle: async ({ records }) => {
            const bad = records.find((record) => text(record) === 'poison');
            if (bad !== undefined) throw new UnreadableRecordError(bad.offset, 'it is poisoned');
            handled.push(...records.map(text));
          },
        });
        await eventually(() => {
          expect(handled).toEqual(['a', 'b']);
        }, SLOW);
        await consumer.stop();
        const dead = await collect(`${topic}.dead-letter`);
        await eventually(() => {
          expect(dead.records).toHaveLength(1);
        }, SLOW);
        await dead.consumer.stop();
        expect(dead.records[0]).toMatchObject({ key: 'k', value: Buffer.from('poison') });
        expect(dead.records[0]!.headers).toMatchObject({
          h: '1',
          'dead-letter-reason': 'it is poisoned',
          'dead-letter-topic': topic,
          'dead-letter-group': 'readers',
          'dead-letter-offset': expect.stringMatching(/^\d+$/),
        });
      },
      SLOW,
    );

    test(
      'shares the partitions with a member that joins, and takes them back when it leaves',
      async () => {
        const topic = fresh('rebalance');
        const group = fresh('group');
        const seen: { member: string; value: string }[] = [];
        const join = (member: string, reader: EventLog) =>
          reader.consume({
            topics: [topic],
            group,
            handle: async ({ records }) => {
              seen.push(...records.map((record) => ({ member, value: text(record) })));
            },
          });
        const round = async (word: string) => {
          const values = numbered(40).map((index) => `${word}-${index}`);
          await log.append(values.map((value, index) => ({ topic, key: `key-${index}`, value })));
          await eventually(() => {
            const values40 = seen.filter(({ value }) => value.startsWith(`${word}-`));
            expect(new Set(values40.map(({ value }) => value)).size).toBe(40);
          }, SLOW);
          return new Set(
            seen.filter(({ value }) => value.startsWith(`${word}-`)).map(({ member }) => member),
          );
        };
        const other = await fixture.open();
        const first = await join('first', log);
        expect(await round('alone')).toEqual(new Set(['first']));
        const second = await join('second', other);
        let rounds = 0;
        await eventually(async () => {
          expect(await round(`shared${rounds++}`)).toEqual(new Set(['first', 'second']));
        }, SLOW);
        await second.stop();
        await eventually(async () => {
          expect(await round(`back${rounds++}`)).toEqual(new Set(['first']));
        }, SLOW);
        await first.stop();
        await other.close();
      },
      2 * SLOW,
    );

    test(
      'gives the partitions of a member that was killed to those alive',
      async () => {
        const topic = fresh('death');
        const group = fresh('group');
        await log.append([{ topic, key: 'x', value: 'made' }]);
        const mortal = child({ role: 'consume', log: fixture.connection, topics: [topic], group });
        await eventually(() => {
          expect(mortal.messages.some(({ handled }) => handled?.includes('made'))).toBe(true);
        }, SLOW);
        const { records, consumer } = await collect(topic, { group });
        await mortal.kill();
        const values = numbered(40).map((index) => `late-${index}`);
        await log.append(values.map((value, index) => ({ topic, key: `key-${index}`, value })));
        await eventually(() => {
          expect(records.map(text)).toEqual(expect.arrayContaining(values));
        }, SLOW);
        await consumer.stop();
      },
      SLOW,
    );

    test(
      'a tail from now sees every record appended once it is ready, of all partitions, and none before',
      async () => {
        const topic = fresh('tail');
        await log.append([{ topic, key: 'a', value: 'before' }]);
        const records: LogRecord[] = [];
        const tail = tailInto(topic, 'now', records);
        await tail.ready;
        const values = numbered(40).map((index) => `v-${index}`);
        for (const value of values) await log.append([{ topic, key: value, value }]);
        await eventually(() => {
          expect(records).toHaveLength(40);
        }, SLOW);
        await tail.stop();
        expect(new Set(records.map(text))).toEqual(new Set(values));
        expect(new Set(records.map(({ partition }) => partition)).size).toBe(4);
      },
      SLOW,
    );

    test(
      'a tail sees what a group reads too, and takes nothing from it',
      async () => {
        const topic = fresh('tail-and-group');
        const tailed: LogRecord[] = [];
        const tail = tailInto(topic, 'now', tailed);
        await tail.ready;
        const { records, consumer } = await collect(topic);
        await log.append([{ topic, key: 'a', value: 'one' }]);
        await eventually(() => {
          expect([records.map(text), tailed.map(text)]).toEqual([['one'], ['one']]);
        }, SLOW);
        await Promise.all([tail.stop(), consumer.stop()]);
      },
      SLOW,
    );

    test(
      'a tail from a cursor of a tail goes on exactly behind it',
      async () => {
        const topic = fresh('resume');
        const first: LogRecord[] = [];
        const tail = tailInto(topic, 'now', first);
        await tail.ready;
        const append = (index: number) =>
          log.append([{ topic, key: `key-${index % 7}`, value: String(index) }]);
        for (const index of numbered(30)) await append(index);
        await eventually(() => {
          expect(first).toHaveLength(30);
        }, SLOW);
        await tail.stop();
        for (const index of numbered(30)) await append(30 + index);
        const rest: LogRecord[] = [];
        const resumed = tailInto(topic, { cursor: first[19]!.cursor }, rest);
        await eventually(() => {
          expect(rest).toHaveLength(40);
        }, SLOW);
        await resumed.stop();
        const whole = [...first.slice(0, 20), ...rest].map(text);
        expect(new Set(whole).size).toBe(60);
        for (const key of numbered(7)) {
          const ofKey = whole
            .map(Number)
            .filter((value) => (value % 30) % 7 === key % 7 && value % 7 === key);
          expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
        }
      },
      SLOW,
    );

    test(
      'a tail from the cursor of a record that a group read misses nothing behind it',
      async () => {
        const topic = fresh('group-cursor');
        await log.append(
          numbered(20).map((index) => ({ topic, key: `early-${index}`, value: `early-${index}` })),
        );
        const { records, consumer } = await collect(topic);
        await eventually(() => {
          expect(records).toHaveLength(20);
        }, SLOW);
        await consumer.stop();
        const last = records.reduce((a, b) => (a.appendedAt > b.appendedAt ? a : b));
        const values = numbered(20).map((index) => `late-${index}`);
        await log.append(values.map((value) => ({ topic, key: value, value })));
        const rest: LogRecord[] = [];
        const tail = tailInto(topic, { cursor: last.cursor }, rest);
        await eventually(() => {
          expect(rest.map(text)).toEqual(expect.arrayContaining(values));
        }, SLOW);
        await tail.stop();
        expect(rest.map(text)).not.toContain(text(last));
      },
      SLOW,
    );

    test(
      'a tail from a time sees what was appended since, and nothing before it',
      async () => {
        const topic = fresh('since');
        const keys = numbered(12).map((index) => `key-${index}`);
        await log.append(keys.map((key) => ({ topic, key, value: 'before' })));
        const before: LogRecord[] = [];
        const everything = tailInto(topic, { since: new Date(0) }, before);
        await everything.caughtUp;
        expect(before).toHaveLength(12);
        const since = new Date(Math.max(...before.map(({ appendedAt }) => appendedAt.getTime())) + 1);
        // The log stamps records with its own clock.
        await eventually(() => {
          expect(Date.now()).toBeGreaterThan(since.getTime());
        });
        await log.append(keys.map((key) => ({ topic, key, value: 'after' })));
        const seen: LogRecord[] = [];
        const tail = tailInto(topic, { since }, seen);
        await tail.caughtUp;
        expect(seen.map(text)).toEqual(keys.map(() => 'after'));
        await log.append([{ topic, key: 'key-0', value: 'later' }]);
        await eventually(() => {
          expect(seen.map(text).at(-1)).toBe('later');
        });
        await tail.stop();
        await everything.stop();
      },
      SLOW,
    );

    test(
      'a tail from now on has caught up at once, also of a topic that holds nothing',
      async () => {
        const topic = fresh('caught-up');
        const empty = tailInto(topic, 'now', []);
        await empty.caughtUp;
        await empty.stop();
        await log.append([{ topic, key: 'key', value: 'value' }]);
        const full = tailInto(topic, 'now', []);
        await full.caughtUp;
        await full.stop();
      },
      SLOW,
    );

    test(
      'the cursor of a tail that is ready goes on where it started, though it has seen nothing',
      async () => {
        const topic = fresh('start');
        await log.append([{ topic, key: 'a', value: 'before' }]);
        const first = tailInto(topic, 'now', []);
        const cursor = await first.ready;
        await first.stop();
        const values = numbered(8).map((index) => `after-${index}`);
        await log.append(values.map((value) => ({ topic, key: value, value })));
        const seen: LogRecord[] = [];
        const again = tailInto(topic, { cursor }, seen);
        await eventually(() => {
          expect(seen.map(text).sort()).toEqual(values);
        }, SLOW);
        await again.stop();
      },
      SLOW,
    );

    test.each(['', 'nonsense', Buffer.from('other-topic|1|0:1').toString('base64url')])(
      'a tail refuses "%s", which is no cursor of its topic',
      async (cursor) => {
        const tail = tailInto(fresh('no-cursor'), { cursor }, []);
        await expect(tail.ready).rejects.toThrow(InvalidCursorError);
        await expect(tail.ended).rejects.toThrow(InvalidCursorError);
      },
      SLOW,
    );

    test(
      'records past retention are gone, and a cursor before them is refused as expired',
      async () => {
        const topic = fresh('retention');
        const trimming = await fixture.open({ [topic]: { retentionMs: 5_000, partitions: 1 } });
        const records: LogRecord[] = [];
        const stop = new AbortController();
        const reader = trimming.tail({ topic, from: 'now', signal: stop.signal });
        const cursor = await reader.ready;
        stop.abort();
        await trimming.append([{ topic, key: 'a', value: 'old' }]);
        await eventually(async () => {
          const tail = tailInto(topic, { cursor }, []);
          const outcome = await tail.ready.catch((error: unknown) => error);
          await tail.stop().catch(() => undefined);
          expect(outcome).toBeInstanceOf(CursorExpiredError);
        }, SLOW);
        const late = await trimming.consume({
          topics: [topic],
          group: fresh('group'),
          handle: async (batch) => {
            records.push(...batch.records);
          },
        });
        await trimming.append([{ topic, key: 'a', value: 'new' }]);
        await eventually(() => {
          expect(records.map(text)).toEqual(['new']);
        }, SLOW);
        await late.stop();
        await trimming.close();
      },
      SLOW,
    );

    test(
      'a slow consumer holds one bounded batch of each partition, however much waits',
      async () => {
        const topic = fresh('slow');
        const before = heldBytes();
        const value = Buffer.alloc(2 ** 20);
        for (let index = 0; index < 96; index += 1) await log.append([{ topic, key: 'a', value }]);
        const batches: RecordBatch[] = [];
        let release: () => void = () => undefined;
        const blocked = new Promise<void>((resolve) => (release = resolve));
        const consumer = await log.consume({
          topics: [topic],
          group: fresh('group'),
          maxBatchBytes: 4 * 2 ** 20,
          handle: async (batch) => {
            batches.push(batch);
            await blocked;
          },
        });
        await eventually(() => {
          expect(batches.length).toBe(1);
        }, SLOW);
        // Enough time for a reader without bounds to have fetched everything.
        const other = fresh('other');
        for (const word of numbered(20)) await log.append([{ topic: other, key: 'a', value: String(word) }]);
        expect(batches).toHaveLength(1);
        expect(batches[0]!.records.length).toBeLessThanOrEqual(4);
        await eventually(() => {
          expect(heldBytes() - before).toBeLessThan(64 * 2 ** 20);
        });
        release();
        await eventually(() => {
          expect(batches.reduce((sum, { records }) => sum + records.length, 0)).toBe(96);
        }, SLOW);
        await consumer.stop();
      },
      SLOW,
    );

    /** How far behind a group is that has read one record, once these are there. */
    async function lagAfter(more: (topic: string) => AppendRecord[]): Promise<number> {
      const topic = fresh('lag');
      const group = fresh('group');
      const { records, consumer } = await collect(topic, { group });
      await log.append([{ topic, key: 'a', value: 'one' }]);
      await eventually(() => {
        expect(records).toHaveLength(1);
      }, SLOW);
      await consumer.stop();
      await log.append(more(topic));
      const lags = (await log.lag(group)).filter((each) => each.topic === topic);
      return lags.reduce((sum, { lag }) => sum + lag, 0);
    }

    test(
      'tells how far a group lags behind',
      async () => {
        const more = (topic: string) =>
          numbered(3).map((index) => ({ topic, key: 'a', value: String(index) }));
        expect(await lagAfter(more)).toBe(3);
      },
      SLOW,
    );

    test(
      'what lies in partitions in which a group has read nothing yet is behind it, too',
      async () => {
        const more = (topic: string) =>
          numbered(32).map((index) => ({ topic, key: `key ${index}`, value: 'more' }));
        // Kafka counts its markers of transactions, one a partition.
        expect(await lagAfter(more)).toBeGreaterThanOrEqual(32);
      },
      SLOW,
    );

    test(
      'a dead letter is found by its place, and sent again to the group that could not read it, and to no other',
      async () => {
        const topic = fresh('resent');
        const seen: Record<string, string[]> = { failing: [], reading: [] };
        let isMended = false;
        const consumers = await Promise.all(
          ['failing', 'reading'].map((group) =>
            log.consume({
              topics: [topic],
              group,
              handle: ({ records }) => {
                const bad = records.find((record) => text(record) === 'odd');
                if (bad && group === 'failing' && !isMended)
                  throw new UnreadableRecordError(bad.offset, 'odd');
                seen[group]?.push(...records.map(text));
                return Promise.resolve();
              },
            }),
          ),
        );
        const live: string[] = [];
        const following = followTopic({
          ...{ log, topic, logger: silentLogger },
          take: (record) => void live.push(text(record)),
        });
        await following.ready;
        const headers = { organisation: 'org_a', count: '1' };
        await log.append([
          { topic, key: 'k', value: 'before' },
          { topic, key: 'k', value: 'odd', headers },
          { topic, key: 'k', value: 'after' },
        ]);
        await eventually(() => {
          expect(seen).toEqual({ failing: ['before', 'after'], reading: ['before', 'odd', 'after'] });
        });

        const one = createDeadLetters({ log, topics: [topic], logger: silentLogger });
        const other = createDeadLetters({ log, topics: [topic], logger: silentLogger });
        const [letter, ...rest] = await one.list();
        expect(rest).toEqual([]);
        expect(letter).toMatchObject({
          ...{ topic, group: 'failing', reason: 'odd', organisationId: 'org_a', bytes: 3, act: undefined },
        });
        expect((await other.list()).map(({ id }) => id)).toEqual([letter!.id]);
        const records = await one.read([letter!]);
        expect(text(records.get(letter!.id)!)).toBe('odd');

        isMended = true;
        expect(await one.resend(letter!, 'user_a')).toBe(true);
        await log.append([{ topic, key: 'k', value: 'last' }]);
        await eventually(() => {
          expect(seen).toEqual({
            failing: ['before', 'after', 'odd', 'last'],
            reading: ['before', 'odd', 'after', 'last'],
          });
          expect(live).toEqual(['before', 'odd', 'after', 'last']);
        });
        expect(await one.find(letter!.id)).toMatchObject({ act: { kind: 'RESENT', by: 'user_a' } });
        await one.discard(letter!, 'user_b');
        await eventually(async () => {
          expect(await other.find(letter!.id)).toMatchObject({ act: { kind: 'DISCARDED', by: 'user_b' } });
        });
        await Promise.all([following, one, other, ...consumers].map((each) => each.stop()));
      },
      SLOW,
    );

    test(
      'dead letters of many topics are listed with the newest first, and those far apart are read',
      async () => {
        const topics = [fresh('many'), fresh('many')];
        const letterOf = (topic: string, value: string) => ({
          topic: `${topic}.dead-letter`,
          key: 'k',
          value,
          headers: {
            'dead-letter-topic': topic,
            'dead-letter-group': 'readers',
            'dead-letter-reason': value,
          },
        });
        for (const value of numbered(120).map(String)) await log.append([letterOf(topics[0]!, value)]);
        await log.append([letterOf(topics[1]!, 'last'), { ...letterOf(topics[1]!, 'foreign'), headers: {} }]);
        const letters = createDeadLetters({ log, topics, logger: silentLogger });
        const found = await letters.list();
        expect(found).toHaveLength(121);
        const times = found.map(({ failedAt }) => failedAt.getTime());
        expect(times).toEqual(times.toSorted((one, other) => other - one));
        const wanted = found.filter(({ reason }) => ['last', '0', '3', '119'].includes(reason));
        const records = await letters.read(wanted);
        expect(wanted.map(({ id, reason }) => [reason, text(records.get(id)!)])).toEqual(
          wanted.map(({ reason }) => [reason, reason]),
        );
        await letters.stop();
      },
      SLOW,
    );

    test(
      'tells where partitions end, and how far a group is in each',
      async () => {
        const topic = fresh('positions');
        const group = fresh('group');
        const told = async () =>
          (await log.positions({ group, topic })).map(({ start, end, committed }) => ({
            waiting: Number(end - (committed ?? start)),
            any: committed !== undefined,
          }));
        expect(await told()).toEqual([]);
        const keys = ['a', 'b', 'c', 'd', 'e'];
        for (const key of keys) await log.append([{ topic, key, value: 'one' }]);
        const before = await told();
        expect(before).toHaveLength(4);
        expect(before.reduce((sum, { waiting }) => sum + waiting, 0)).toBe(5);
        const consumer = await log.consume({ topics: [topic], group, handle: () => Promise.resolve() });
        await log.passed({ group, topic, signal: AbortSignal.timeout(SLOW) });
        expect((await told()).map(({ waiting }) => waiting)).toEqual([0, 0, 0, 0]);
        await consumer.stop();
        const [first] = await log.positions({ group, topic });
        const key = keys.find((each) => partitionOf(each, 4) === first?.partition);
        if (key !== undefined) await log.append([{ topic, key, value: 'two' }]);
        expect((await told())[0]?.waiting).toBe(key === undefined ? 0 : 1);
      },
      SLOW,
    );

    test(
      'tells when a group has passed what was there, whatever comes meanwhile, partitions that nobody reads included',
      async () => {
        const topic = fresh('passed');
        const group = fresh('group');
        const signal = AbortSignal.timeout(SLOW);
        await log.append([
          { topic, key: 'a', value: 'held' },
          { topic, key: 'b', value: 'other' },
        ]);
        let isPassed = false;
        const passed = log.passed({ group, topic, signal }).then(() => {
          isPassed = true;
        });
        const hold = new AbortController();
        const held = once(hold.signal, 'abort');
        const consumer = await log.consume({
          topics: [topic],
          group,
          handle: async ({ records }) => {
            if (records.some(({ value }) => value.toString() === 'held')) await held;
            if (isPassed) throw new Error('what came later is not to be handled yet');
          },
        });
        await log.append([{ topic, key: 'c', value: 'later' }]);
        expect(isPassed).toBe(false);
        hold.abort();
        await passed;
        await consumer.stop();
      },
      SLOW,
    );

    test(
      'a group that starts at the latest record sees none of the earlier ones',
      async () => {
        const topic = fresh('latest');
        await log.append([{ topic, key: 'a', value: 'early' }]);
        const seen: string[] = [];
        const consumer = await log.consume({
          topics: [topic],
          group: fresh('group'),
          from: 'latest',
          handle: async ({ records }) => {
            seen.push(...records.map(text));
          },
        });
        await eventually(async () => {
          await log.append([{ topic, key: 'a', value: 'late' }]);
          expect(seen).toContain('late');
        }, SLOW);
        await consumer.stop();
        expect(seen).not.toContain('early');
      },
      SLOW,
    );

    test(
      'closed while appending, every append either was made or says that it was not',
      async () => {
        const topic = fresh('closing');
        const closing = await fixture.open();
        const made: string[] = [];
        const appending = numbered(8).map(async (writer) => {
          for (let index = 0; ; index += 1) {
            const value = `${writer}-${index}`;
            try {
              await closing.append([{ topic, key: String(writer), value }]);
              made.push(value);
            } catch (error) {
              return error;
            }
          }
        });
        await eventually(() => {
          expect(made.length).toBeGreaterThan(40);
        }, SLOW);
        await closing.close();
        const errors = await Promise.all(appending);
        expect(errors.every((error) => (error as { code?: string }).code === 'LOG_CLOSED')).toBe(true);
        const { records, consumer } = await collect(topic);
        await eventually(() => {
          expect(records.map(text)).toEqual(expect.arrayContaining(made));
        }, SLOW);
        await consumer.stop();
        expect(new Set(records.map(text))).toEqual(new Set(made));
      },
      SLOW,
    );

    test(
      'stopping a consumer waits for the batch in hand and commits it',
      async () => {
        const topic = fresh('drain');
        const group = fresh('group');
        let finish: () => void = () => undefined;
        const working = new Promise<void>((resolve) => (finish = resolve));
        let started = false;
        const consumer: Consumer = await log.consume({
          topics: [topic],
          group,
          handle: async () => {
            started = true;
            await working;
          },
        });
        await log.append([{ topic, key: 'a', value: 'one' }]);
        await eventually(() => {
          expect(started).toBe(true);
        }, SLOW);
        const stopped = consumer.stop();
        finish();
        await stopped;
        const lags = (await log.lag(group)).filter((each) => each.topic === topic);
        expect(lags.reduce((sum, { lag }) => sum + lag, 0)).toBe(0);
      },
      SLOW,
    );
  });
}
