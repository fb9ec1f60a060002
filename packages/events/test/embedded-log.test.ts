import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createMetrics } from '@lyceum/service';
import { pino } from 'pino';
import { checkDataFile } from '../src/embedded/data-file.ts';
import { createEmbeddedLog } from '../src/embedded/embedded-log.ts';
import { startGroupConsumer } from '../src/embedded/group-consumer.ts';
import { createLease } from '../src/embedded/lease.ts';
import { trimStep } from '../src/embedded/retention.ts';
import { acquireStore } from '../src/embedded/shared-store.ts';
import { openTopic } from '../src/embedded/topics.ts';
import { EventLogFormatError, type EventLog, type LogRecord, type RecordBatch } from '../src/index.ts';
import { createLogMetrics } from '../src/log-metrics.ts';
import { killChildren, startChild } from './child.ts';
import { eventually } from './eventually.ts';
import type { LogChildInput, LogChildMessage } from './log-child-protocol.ts';

const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const metrics = createLogMetrics(undefined);
const SLOW = 60_000;

describe('the embedded log', () => {
  let directory: string;
  const open: EventLog[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lyceum-log-'));
  });

  afterEach(async () => {
    killChildren();
    await Promise.all(open.splice(0).map((log) => log.close()));
    await rm(directory, { recursive: true, force: true });
  });

  function openLog(options: Partial<Parameters<typeof createEmbeddedLog>[0]> = {}): EventLog {
    const log = createEmbeddedLog({ directory, logger, metrics, ...options });
    open.push(log);
    return log;
  }

  async function readAll(log: EventLog, topic: string, count: number): Promise<LogRecord[]> {
    const records: LogRecord[] = [];
    const group = `reader-${Math.random()}`;
    const consumer = await log.consume({
      topics: [topic],
      group,
      handle: async (batch) => {
        records.push(...batch.records);
      },
    });
    await eventually(() => {
      expect(records.length).toBeGreaterThanOrEqual(count);
    });
    await consumer.stop();
    return records;
  }

  test('keeps everything over a restart: records, offsets, the numbering', async () => {
    const first = createEmbeddedLog({ directory, logger, metrics });
    await first.append([{ topic: 't', key: 'a', value: 'one' }]);
    const [one] = await readAll(first, 't', 1);
    await first.close();
    const second = openLog();
    await second.append([{ topic: 't', key: 'a', value: 'two' }]);
    const records = await readAll(second, 't', 2);
    expect(records.map(({ value }) => value.toString())).toEqual(['one', 'two']);
    expect(Number(records[1]!.offset)).toBe(Number(one!.offset) + 1);
  });

  test.each([
    ['of a newer version', 'FORMAT.json', '{"format":"lyceum-event-log","version":2}', /version 2/],
    ['that is something else', 'FORMAT.json', '{"format":"other","version":1}', /does not name/],
    ['whose stamp is damaged', 'FORMAT.json', '{', /not JSON/],
    ['that holds foreign files', 'thesis.docx', 'my only copy', /holds thesis\.docx/],
  ])('refuses a directory %s, and leaves it as it is', async (_what, file, content, reason) => {
    await writeFile(join(directory, file), content);
    expect(() => openLog()).toThrow(EventLogFormatError);
    expect(() => openLog()).toThrow(reason);
    expect(await readdir(directory)).toEqual([file]);
    expect(await readFile(join(directory, file), 'utf8')).toBe(content);
  });

  test('refuses data that is not lmdb’s, and leaves it as it is', async () => {
    await writeFile(join(directory, 'FORMAT.json'), '{"format":"lyceum-event-log","version":1}');
    const garbage = Buffer.alloc(65_536, 'garbage');
    await writeFile(join(directory, 'data.mdb'), garbage);
    expect(() => openLog()).toThrow(EventLogFormatError);
    expect((await readFile(join(directory, 'data.mdb'))).equals(garbage)).toBe(true);
  });

  test('refuses data that was cut short, and leaves it as it is', async () => {
    const whole = createEmbeddedLog({ directory, logger, metrics });
    for (let index = 0; index < 20; index += 1) {
      await whole.append([{ topic: 't', key: 'a', value: Buffer.alloc(100_000) }]);
    }
    await whole.close();
    const cut = (await readFile(join(directory, 'data.mdb'))).subarray(0, 200_000);
    await writeFile(join(directory, 'data.mdb'), cut);
    expect(() => openLog()).toThrow(EventLogFormatError);
    expect((await readFile(join(directory, 'data.mdb'))).equals(cut)).toBe(true);
  });

  test(
    'whole data is not taken for damaged while another process makes it grow',
    async () => {
      const appender = startChild<LogChildMessage>('log-child.ts', {
        role: 'append',
        log: { directory },
        topics: ['t'],
        batchSize: 2_000,
      } satisfies LogChildInput);
      const size = () =>
        existsSync(join(directory, 'data.mdb')) ? statSync(join(directory, 'data.mdb')).size : 0;
      await eventually(() => {
        expect(size()).toBeGreaterThan(2 ** 20);
      }, SLOW);
      const before = size();
      while (size() < before + 16 * 2 ** 20) checkDataFile(directory);
      await appender.kill();
    },
    SLOW,
  );

  test('serves several users in one process, each closed on its own', async () => {
    const [one, two] = [openLog(), openLog()];
    await Promise.all([one, two].map((log) => log.append([{ topic: 't', key: 'a', value: 'x' }])));
    await one.close();
    await two.append([{ topic: 't', key: 'a', value: 'y' }]);
    expect(await readAll(two, 't', 3)).toHaveLength(3);
  });

  test(
    'a member that slept past its lease can’t commit, and what it held was handled by another',
    async () => {
      const leaseMs = 600;
      const log = openLog({ leaseMs });
      const input: LogChildInput = { role: 'sleep', log: { directory }, topics: ['t'], group: 'g' };
      const zombie = startChild<LogChildMessage>('log-child.ts', input);
      await log.append([{ topic: 't', key: 'a', value: 'one' }]);
      await eventually(() => {
        expect(zombie.messages.flatMap(({ handled }) => handled ?? [])).toEqual(['one']);
      }, SLOW);
      // Asleep in the middle of its handler: its pid is there, its lease runs out.
      await eventually(() => {
        expect(zombie.messages.some(({ asleep }) => asleep)).toBe(true);
      }, SLOW);
      const handled: string[] = [];
      const consumer = await log.consume({
        topics: ['t'],
        group: 'g',
        handle: async ({ records }) => {
          handled.push(...records.map(({ value }) => value.toString()));
        },
      });
      await eventually(() => {
        expect(handled).toEqual(['one']);
      }, SLOW);
      await log.append([{ topic: 't', key: 'a', value: 'two' }]);
      await eventually(() => {
        expect(handled).toEqual(['one', 'two']);
      }, SLOW);
      await eventually(async () => {
        expect((await log.lag('g')).every(({ lag }) => lag === 0)).toBe(true);
      });
      // Awake, it finishes 'one' and tries to commit behind it, which would bring 'two' again.
      zombie.signal('SIGCONT');
      await eventually(() => {
        expect(zombie.messages.some(({ finished }) => finished)).toBe(true);
      }, SLOW);
      await consumer.stop();
      await log.append([{ topic: 't', key: 'a', value: 'three' }]);
      await eventually(() => {
        expect(zombie.messages.flatMap((message) => message.handled ?? [])).toEqual(['one', 'three']);
      }, SLOW);
      await zombie.kill();
    },
    SLOW,
  );

  test(
    'wakes readers in other processes within milliseconds',
    async () => {
      const log = openLog();
      await log.append([{ topic: 't', key: 'a', value: 'made' }]);
      const reader = startChild<LogChildMessage>('log-child.ts', {
        role: 'consume',
        log: { directory },
        topics: ['t'],
        group: 'g',
      } satisfies LogChildInput);
      await eventually(() => {
        expect(reader.messages.some(({ handled }) => handled?.includes('made'))).toBe(true);
      }, SLOW);
      const delays: number[] = [];
      for (let index = 0; index < 40; index += 1) {
        const before = performance.now();
        await log.append([{ topic: 't', key: 'a', value: String(index) }]);
        await eventually(() => {
          expect(reader.messages.some(({ handled }) => handled?.includes(String(index)))).toBe(true);
        });
        delays.push(performance.now() - before);
      }
      await reader.kill();
      // The probe itself looks every 10 ms; the fallback of a lost wake-up would show as 250 ms.
      expect(delays.toSorted((a, b) => a - b)[20]).toBeLessThan(60);
    },
    SLOW,
  );

  test(
    'still delivers when the bell is broken',
    async () => {
      const log = openLog();
      await log.append([{ topic: 't', key: 'a', value: 'made' }]);
      await rm(join(directory, 'bell'));
      const reader = startChild<LogChildMessage>('log-child.ts', {
        role: 'consume',
        log: { directory },
        topics: ['t'],
        group: 'g',
      } satisfies LogChildInput);
      // The child made a bell of its own, which this process does not ring.
      await eventually(() => {
        expect(reader.messages.some(({ ready }) => ready)).toBe(true);
      }, SLOW);
      await log.append([{ topic: 't', key: 'a', value: 'unrung' }]);
      await eventually(() => {
        expect(reader.messages.some(({ handled }) => handled?.includes('unrung'))).toBe(true);
      });
      await reader.kill();
    },
    SLOW,
  );

  test(
    'a full disk rejects the append whole, keeps what was there, and takes appends again when there is room',
    async () => {
      const child = startChild<{ outcome: Record<string, unknown> }>('full-disk-child.ts', { directory }, [
        // A limit on the size of files fails a write as a full disk does, and needs no disk of its own.
        'bash',
        '-c',
        'trap "" XFSZ; ulimit -S -f 20000; exec "$@"',
        'bash',
      ]);
      await eventually(() => {
        expect(child.messages).toHaveLength(1);
      }, SLOW);
      await child.ended;
      const { outcome } = child.messages[0]!;
      expect(outcome).toMatchObject({ rejected: 'EventLogWriteError' });
      const log = openLog();
      const records = await readAll(log, 't', Number(outcome['acknowledged']));
      expect(records).toHaveLength(Number(outcome['acknowledged']));
      await log.append([{ topic: 't', key: 'a', value: Buffer.alloc(100_000) }]);
    },
    SLOW,
  );

  test(
    'trims in small steps while appends go on, and gives the room back to later records',
    async () => {
      const settings = { t: { partitions: 1, retentionBytes: 4 * 2 ** 20 } };
      const log = openLog({ settings, trimEveryMs: 20 });
      for (let index = 0; index < 400; index += 1) {
        await log.append([{ topic: 't', key: 'a', value: Buffer.alloc(100_000) }]);
      }
      const tail = log.tail({ topic: 't', from: 'now', signal: AbortSignal.timeout(1) });
      await tail.ready;
      await eventually(async () => {
        const records = await readAll(log, 't', 1);
        expect(records.length).toBeLessThanOrEqual(42);
      });
      expect((await readFile(join(directory, 'data.mdb'))).length).toBeLessThan(36 * 2 ** 20);
    },
    SLOW,
  );

  test('what a group has yet to read stays four times as long as what all have read', async () => {
    const log = openLog({ settings: { t: { partitions: 1, retentionMs: 1_000_000 } } });
    const append = (value: string) => log.append([{ topic: 't', key: 'a', value }]);
    await append('read');
    await readAll(log, 't', 1);
    await append('unread');
    const { store, release } = acquireStore(directory);
    const topic = await openTopic(store, 't', {});
    const trimmed = async (age: number) => {
      const step = await store.write(() => trimStep(store, topic, Date.now() + age));
      return { unread: step.unread, start: store.partitions.get([topic.id, 0])?.start };
    };
    expect(await trimmed(900_000)).toEqual({ unread: 0, start: 0 });
    expect(await trimmed(1_100_000)).toEqual({ unread: 0, start: 1 });
    expect(await trimmed(3_900_000)).toEqual({ unread: 0, start: 1 });
    expect(await trimmed(4_100_000)).toEqual({ unread: 1, start: 2 });
    await release();
  });

  test('a group that comes too late for some records says so, counts them, and goes on', async () => {
    const counters = createMetrics('test');
    const log = openLog({ metrics: createLogMetrics(counters), settings: { t: { partitions: 1 } } });
    const seen: string[] = [];
    const read = () =>
      log.consume({
        topics: ['t'],
        group: 'g',
        handle: async ({ records }) => {
          seen.push(...records.map(({ value }) => value.toString()));
        },
      });
    await (await read()).stop();
    for (const value of ['lost', 'lost too']) await log.append([{ topic: 't', key: 'a', value }]);
    const { store, release } = acquireStore(directory);
    const topic = await openTopic(store, 't', {});
    await store.write(() => trimStep(store, topic, Date.now() + 5 * topic.retentionMs));
    await log.append([{ topic: 't', key: 'a', value: 'kept' }]);
    const consumer = await read();
    await eventually(() => {
      expect(seen).toEqual(['kept']);
    });
    await consumer.stop();
    await release();
    expect(await counters.registry.getSingleMetricAsString('lyceum_log_skipped_records_total')).toContain(
      'lyceum_log_skipped_records_total{topic="t",group="g",service="test"} 2',
    );
  });

  test('the records of a key keep their order in a tail when the clock is set back', async () => {
    const log = openLog();
    const stop = new AbortController();
    const tail = log.tail({ topic: 't', from: 'now', signal: stop.signal });
    await tail.ready;
    const now = Date.now;
    try {
      await log.append([{ topic: 't', key: 'a', value: '1' }]);
      Date.now = () => now() - 5_000;
      await log.append([{ topic: 't', key: 'a', value: '2' }]);
    } finally {
      Date.now = now;
    }
    const seen: string[] = [];
    for await (const { value } of tail) if (seen.push(value.toString()) === 2) stop.abort();
    expect(seen).toEqual(['1', '2']);
  });

  test(
    'a partition whose release failed is read again when it comes back to the same member',
    async () => {
      const settings = { t: { partitions: 2 } };
      const log = openLog({ settings });
      const { store, watch, release } = acquireStore(directory);
      const topic = await openTopic(store, 't', settings);
      // As a full disk does. All that the first member has to write meanwhile is that it releases a partition.
      let refuse = false;
      const write: typeof store.write = (operation, bytes) =>
        refuse ? Promise.reject(new Error('no room')) : store.write(operation, bytes);
      const refused: unknown[] = [];
      const logging = { error: (fields: unknown) => refused.push(fields) } as unknown as typeof logger;
      const seen: string[] = [];
      const handle = async ({ records }: RecordBatch) => {
        seen.push(...records.map(({ value }) => value.toString()));
      };
      const lease = createLease({ store, instance: 'first', leaseMs: 5_000, logger });
      const consume = { topics: ['t'], group: 'g', handle };
      const first = await startGroupConsumer({
        store: { ...store, write },
        watch,
        lease,
        leaseMs: 5_000,
        topics: [topic],
        consume,
        delivery: { group: 'g', handle, append: () => Promise.resolve(), logger, metrics },
        logger: logging,
      });
      const holds = (count: number) =>
        eventually(() => {
          const owners = [...store.owners.getRange({ start: ['g', 't', 0] })].map(({ value }) => value);
          expect(owners.filter((owner) => owner !== '')).toHaveLength(count);
        });
      await holds(2);
      refuse = true;
      const second = await log.consume(consume);
      await eventually(() => {
        expect(refused.length).toBeGreaterThan(0);
      });
      await second.stop();
      refuse = false;
      await log.append(
        [0, 1, 2, 3, 4, 5, 6, 7].map((n) => ({ topic: 't', key: String(n), value: String(n) })),
      );
      await eventually(() => {
        expect(seen.toSorted()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
      });
      await first.stop();
      await lease.close();
      await release();
    },
    SLOW,
  );

  test('may be closed twice at once', async () => {
    const log = openLog();
    await log.append([{ topic: 't', key: 'a', value: 'x' }]);
    await Promise.all([log.close(), log.close()]);
    await expect(log.append([])).rejects.toThrow('closed');
  });

  test('trimming reads no record behind the first that stays, however many there are', async () => {
    const log = openLog();
    await log.append(Array.from({ length: 100 }, () => ({ topic: 't', key: 'a', value: 'kept' })));
    const { store, release } = acquireStore(directory);
    let read = 0;
    const records = Object.create(store.records, {
      getRange: {
        value: (range: object) => {
          const found = store.records.getRange(range);
          return found.map((entry) => ((read += 1), entry));
        },
      },
    }) as typeof store.records;
    const topic = await openTopic(store, 't', {});
    const step = await store.write(() => trimStep({ ...store, records }, topic, Date.now()));
    await release();
    expect(step).toEqual({ more: false, unread: 0 });
    expect(read).toBe(1);
  });

  test('makes its directory', async () => {
    const nested = join(directory, 'a', 'b');
    await mkdir(join(directory, 'a'));
    const log = createEmbeddedLog({ directory: nested, logger, metrics });
    await log.check();
    await log.close();
    expect(existsSync(join(nested, 'data.mdb'))).toBe(true);
  });
});
