/** A process of its own that appends or consumes until it is killed, and tells its parent what it did. */
import { pino } from 'pino';
import { createEventLog } from '../src/index.ts';
import type { LogChildInput, LogChildMessage } from './log-child-protocol.ts';

const input = JSON.parse(process.argv[2] ?? '{}') as LogChildInput;
const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
process.once('disconnect', () => process.exit());
const log = await createEventLog({ ...input.log, logger, clientId: 'child' });
const send = (message: LogChildMessage) => process.send?.(message);

if (input.role === 'append') {
  for (let batch = 0; ; batch += 1) {
    const keys = Array.from({ length: input.batchSize }, (_, index) => `key-${index}`);
    const value = `${process.pid}:${batch}`;
    await log.append(input.topics.flatMap((topic) => keys.map((key) => ({ topic, key, value }))));
    send({ appended: value });
  }
} else {
  await log.consume({
    topics: input.topics,
    group: input.group,
    maxBatchRecords: 10,
    handle: async ({ partition, records }) => {
      send({ handled: records.map(({ value }) => value.toString()), partition });
      if (input.role === 'hang') await new Promise(() => undefined);
      if (input.role === 'sleep') await sleepUntilContinued();
      if (input.role === 'sleep') send({ finished: true });
    },
  });
  send({ ready: true });
}

/** When nothing of this process is being written: put to sleep meanwhile, it would hold the write lock of all. */
async function sleepUntilContinued(): Promise<void> {
  await new Promise((sent) => process.send?.({ asleep: true } satisfies LogChildMessage, sent));
  await log.check();
  process.kill(process.pid, 'SIGSTOP');
}
