import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createMetrics } from '@lyceum/service';
import { pino } from 'pino';
import { createEventLog, UnreadableRecordError } from '../src/index.ts';
import { eventually } from './eventually.ts';

test('what is appended, put aside, tried again and waiting is counted', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lyceum-log-'));
  const metrics = createMetrics('test');
  const log = await createEventLog({
    directory,
    logger: pino({ level: 'silent' }),
    metrics,
    clientId: 'test',
  });
  await log.append(['ok', 'poison', 'late'].map((value) => ({ topic: 't', key: 'a', value })));
  let failures = 1;
  const consumer = await log.consume({
    topics: ['t'],
    group: 'g',
    maxBatchRecords: 1,
    handle: async ({ records, signal }) => {
      const [record] = records;
      if (failures-- > 0) throw new Error('once');
      if (record?.value.toString() === 'poison') throw new UnreadableRecordError(record.offset, 'poison');
      if (record?.value.toString() === 'late') {
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
          released = resolve;
        });
      }
    },
  });
  await eventually(async () => {
    const text = await metrics.registry.metrics();
    expect(text).toContain('lyceum_log_appended_records_total{topic="t",service="test"} 3');
    expect(text).toContain('lyceum_log_appended_bytes_total{topic="t",service="test"} 12');
    expect(text).toContain('lyceum_log_dead_letters_total{topic="t",group="g",service="test"} 1');
    expect(text).toContain('lyceum_log_retries_total{topic="t",group="g",service="test"} 1');
    expect(text).toMatch(/lyceum_log_consumer_lag\{group="g",topic="t",partition="\d",service="test"\} 1/);
  });
  released();
  await consumer.stop();
  await log.close();
  await rm(directory, { recursive: true, force: true });
});

let released: (value?: unknown) => void = () => undefined;
