import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { EventLog, KeyClaim, LogClaims } from '../src/index.ts';
import { createKeyFilter } from '../src/embedded/claims/key-filter.ts';
import { createKeyHasher } from '../src/embedded/claims/key-hash.ts';
import { createEmbeddedLog } from '../src/embedded/embedded-log.ts';
import { acquireStore } from '../src/embedded/shared-store.ts';
import { createLogMetrics } from '../src/log-metrics.ts';

const logger = pino({ level: 'silent' });

describe('keys that are claimed with a record', () => {
  let directory: string;
  const open: EventLog[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lyceum-claims-'));
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((log) => log.close()));
    await rm(directory, { recursive: true, force: true });
  });

  /** Each has its own memory, as a process of its own has. */
  async function openClaims(recentClaims = 1_000_000): Promise<LogClaims & { log: EventLog }> {
    const log = createEmbeddedLog({
      directory,
      logger,
      metrics: createLogMetrics(undefined),
      recentClaims,
    });
    open.push(log);
    const { claims } = log;
    if (claims === undefined) throw new Error('no claims');
    await claims.open();
    return { ...claims, log };
  }

  const record = (value: string, key = 'org') => ({ topic: 't', key, value });
  const claim = (keys: Buffer, more: Partial<KeyClaim> = {}): KeyClaim => ({
    namespace: 'org',
    keys,
    isChecked: true,
    ...more,
  });
  const fail = (): never => {
    throw new Error('there is none');
  };
  const free = { taken: [], unsure: [] };

  test('are taken once: what stood in the way is said, with the record that has it, and nothing is appended', async () => {
    const claims = await openClaims();
    const [a, b, c] = [randomBytes(16), randomBytes(16), randomBytes(16)];
    expect(await claims.append(record('first'), claim(Buffer.concat([a, b])))).toEqual(free);
    const { taken } = await claims.append(record('second'), claim(Buffer.concat([c, b])));
    expect(taken.map(({ place, found }) => [place, found.place, found.record?.value.toString()])).toEqual([
      [1, 1, 'first'],
    ]);
    expect(claims.find('org', c)).toBeUndefined();
    expect(await claims.append(record('third'), claim(c))).toEqual(free);
    expect(claims.find('other', c)).toBeUndefined();
    expect(await claims.append(record('fourth'), claim(c, { namespace: 'other' }))).toEqual(free);
  });

  test('of many that want one key at once, in several processes, one gets it', async () => {
    const all = await Promise.all([openClaims(), openClaims(), openClaims()]);
    const key = randomBytes(16);
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        (all[index % 3] ?? fail()).append(
          record(String(index)),
          claim(Buffer.concat([randomBytes(16), key])),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.taken.length === 0)).toHaveLength(1);
    const winner = outcomes.findIndex((outcome) => outcome.taken.length === 0);
    for (const claims of all) {
      const found = claims.find('org', key);
      expect(found !== 'unsure' && found?.record?.value.toString()).toBe(String(winner));
    }
  });

  test('are known to who opens the log later, and what others take meanwhile too', async () => {
    const one = await openClaims();
    const key = randomBytes(16);
    await one.append(record('one'), claim(key));
    const two = await openClaims();
    expect((await two.append(record('two'), claim(key))).taken).toHaveLength(1);
    const later = randomBytes(16);
    await one.append(record('three'), claim(later));
    expect((await two.append(record('four'), claim(later))).taken).toHaveLength(1);
  });

  test('of a transaction that fails are free again, in every process', async () => {
    const one = await openClaims();
    const two = await openClaims();
    const key = randomBytes(16);
    await one.append(record('before'), claim(randomBytes(16)));
    // A write that throws undoes all that wait for the same commit.
    const { store, release } = acquireStore(directory);
    const failing = [
      one.append(record('lost'), claim(key)),
      store.write(() => {
        throw new Error('the disk is gone');
      }),
    ];
    expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await release();
    expect(one.find('org', key)).toBeUndefined();
    // Its number goes to the entry of another.
    const other = randomBytes(16);
    expect(await two.append(record('other'), claim(other))).toEqual(free);
    expect((await one.append(record('again'), claim(other))).taken).toHaveLength(1);
    expect(await one.append(record('kept'), claim(key))).toEqual(free);
    expect((await two.append(record('again'), claim(key))).taken).toHaveLength(1);
  });

  test('that are old may be taken: who knows that they are not says so; until a group has read them it is told', async () => {
    const claims = await openClaims(1_000);
    const first = randomBytes(16);
    await claims.append(record('first'), claim(first));
    expect(claims.isForgottenRead('group')).toBe(true);
    for (let turn = 0; turn < 10; turn += 1) {
      await claims.append(record('more'), claim(randomBytes(16 * 1_000), { isChecked: false }));
    }
    expect(claims.find('org', first)).toBe('unsure');
    expect(await claims.append(record('again'), claim(first))).toEqual({ taken: [], unsure: [0] });
    expect(claims.isForgottenRead('group')).toBe(false);
    const consumer = await claims.log.consume({
      topics: ['t'],
      group: 'group',
      handle: async () => undefined,
    });
    await claims.log.passed({ topic: 't', group: 'group', signal: AbortSignal.timeout(10_000) });
    await consumer.stop();
    expect(claims.isForgottenRead('group')).toBe(true);
    expect(await claims.append(record('again'), claim(first, { free: new Set([0]) }))).toEqual(free);
    // From here on it is remembered again.
    expect((await claims.append(record('again'), claim(first, { free: new Set([0]) }))).taken).toHaveLength(
      1,
    );
  });

  test('of records that were appended without are noted once', async () => {
    const claims = await openClaims();
    const key = randomBytes(16);
    await claims.log.append([record('foreign')]);
    const tail = claims.log.tail({
      topic: 't',
      from: { since: new Date(0) },
      signal: AbortSignal.timeout(10_000),
    });
    for await (const each of tail) {
      for (const _turn of [1, 2]) await claims.note([{ record: each, claim: claim(key) }]);
      break;
    }
    const { taken } = await claims.append(record('again'), claim(key));
    expect(taken.map(({ found }) => found.record?.value.toString())).toEqual(['foreign']);
    const { store, release } = acquireStore(directory);
    expect(store.claims.getCount()).toBe(1);
    await release();
  });
});

test('the filter of keys misses none, and is wrong for fewer than one in three thousand', () => {
  const filter = createKeyFilter();
  const hashOf = createKeyHasher().of('org');
  const keys = randomBytes(16 * 200_000);
  for (let at = 0; at < keys.length; at += 16) filter.add(hashOf(keys, at));
  let missed = 0;
  for (let at = 0; at < keys.length; at += 16) if (!filter.mayHave(hashOf(keys, at))) missed += 1;
  const others = randomBytes(16 * 200_000);
  let wrong = 0;
  for (let at = 0; at < others.length; at += 16) if (filter.mayHave(hashOf(others, at))) wrong += 1;
  expect(missed).toBe(0);
  expect(wrong).toBeLessThan(67);
  expect(filter.bytes / 200_000).toBeLessThan(10);
});
