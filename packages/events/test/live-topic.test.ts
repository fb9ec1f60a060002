import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLogger, createMetrics } from '@lyceum/service';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventLog, createLiveTopic, UnreadableRecordError, type EventLog } from '../src/index.ts';
import { eventually } from './eventually.ts';

interface Value {
  readonly organisationId: string;
  readonly learner: string;
  readonly percent: number;
}

const logger = createLogger({ service: 'test', level: 'silent' });
const directory = mkdtempSync(join(tmpdir(), 'lyceum-live-'));
let log: EventLog;

beforeAll(async () => {
  log = await createEventLog({ directory, logger, clientId: 'test' });
});
afterAll(async () => {
  await log.close();
  rmSync(directory, { recursive: true });
});

let topics = 0;

function liveTopic(options: { limit?: number; latest?: boolean } = {}) {
  topics += 1;
  const topic = `live-${topics}`;
  const metrics = createMetrics('test');
  const live = createLiveTopic<Value>({
    log,
    topic,
    logger,
    metrics,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...(options.latest ? { keyOf: ({ learner }: Value) => learner } : {}),
    read: (record) => {
      const text = record.value.toString();
      if (text === 'broken') throw new UnreadableRecordError(record.offset, 'it is broken');
      return [JSON.parse(text) as Value];
    },
  });
  const append = (...values: (Value | 'broken')[]) =>
    log.append(
      values.map((value) => ({ topic, key: 'k', value: value === 'broken' ? value : JSON.stringify(value) })),
    );
  const subscribers = async () => {
    const text = await metrics.registry.getSingleMetricAsString('lyceum_live_subscribers');
    return Number(/\} (\d+)$/m.exec(text)?.[1]);
  };
  return { live, append, subscribers };
}

const value = (learner: string, percent: number, organisationId = 'org_a'): Value => ({
  learner,
  percent,
  organisationId,
});

test('a subscriber receives what is appended from then on, of its organisation, as far as it accepts', async () => {
  const { live, append } = liveTopic();
  await append(value('early', 1));
  const ours = await live.subscribe('org_a', ({ percent }) => percent > 10);
  await append(value('x', 50, 'org_b'), value('x', 5), value('x', 20), value('y', 30));
  expect((await ours.next()).value).toEqual(value('x', 20));
  expect((await ours.next()).value).toEqual(value('y', 30));
  await live.stop();
  expect(await ours.next()).toEqual({ done: true, value: undefined });
});

test('a record that can not be read is left out, and the next one arrives', async () => {
  const { live, append } = liveTopic();
  const ours = await live.subscribe('org_a', () => true);
  await append('broken', value('x', 1));
  expect((await ours.next()).value).toEqual(value('x', 1));
  await live.stop();
});

test('a slow reader of states misses states, never the last one', async () => {
  const { live, append } = liveTopic({ latest: true, limit: 2 });
  const ours = await live.subscribe('org_a', () => true);
  const other = await live.subscribe('org_a', ({ learner }) => learner === 'end');
  await append(...Array.from({ length: 100 }, (_, index) => value('x', index)), value('end', 1));
  await other.next();
  expect((await ours.next()).value).toEqual(value('x', 99));
  await live.stop();
});

test('a slow reader of events is cut off, and holds up nobody', async () => {
  const { live, append } = liveTopic({ limit: 3 });
  const slow = await live.subscribe('org_a', () => true);
  const quick = await live.subscribe('org_a', ({ learner }) => learner === 'end');
  await append(...Array.from({ length: 10 }, (_, index) => value('x', index)), value('end', 1));
  await quick.next();
  await expect(slow.next()).rejects.toMatchObject({ code: 'SLOW_SUBSCRIBER' });
  await live.stop();
});

test('a reader that leaves while it waits is let go of at once, without any event', async () => {
  const { live, subscribers } = liveTopic();
  const ours = await live.subscribe('org_a', () => true);
  const waiting = ours.next();
  expect(await subscribers()).toBe(1);
  await ours.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  await eventually(async () => {
    expect(await subscribers()).toBe(0);
  });
  const again = await live.subscribe('org_a', () => true);
  expect(await subscribers()).toBe(1);
  await again.return?.();
});
