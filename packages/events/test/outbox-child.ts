/** Relays or consumes until it comes to the point where it dies, as by kill -9. */
import { pino } from 'pino';
import { createEventLog, createOutboxRelay, type EventLog } from '../src/index.ts';
import { applyEvents } from './apply-events.ts';
import type { DeathPoint, OutboxChildInput } from './outbox-child-protocol.ts';

const input = JSON.parse(process.argv[2] ?? '{}') as OutboxChildInput;
const { connectionString, directory, diesAt } = input;
const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
process.once('disconnect', () => process.exit());
const log = await createEventLog({ directory, logger, clientId: 'child' });

function passes(point: DeathPoint): void {
  if (point === diesAt) process.kill(process.pid, 'SIGKILL');
}

if (diesAt.startsWith('relay')) {
  let appends = 0;
  const append: EventLog['append'] = async (records) => {
    appends += 1;
    // The second append begins when the rows of the first have been deleted.
    if (appends === 2) passes('relay: after the delete');
    passes('relay: before the append');
    await log.append(records);
    passes('relay: between append and delete');
  };
  createOutboxRelay({ connectionString, log: { ...log, append }, logger });
} else {
  await applyEvents({ connectionString, log, logger, passes });
}
