import { join } from 'node:path';
import { createEventLog, parseDomainEvent, type DomainEvent } from '@lyceum/events';
import { createLogger } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import type { RunningIdentity } from './identity.ts';

/** What identity has published once `until` is content: of one subject in order, of several in any. */
export async function publishedEvents(
  { dataDirectory }: Pick<RunningIdentity, 'dataDirectory'>,
  until: (events: readonly DomainEvent[]) => void,
): Promise<readonly DomainEvent[]> {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const log = await createEventLog({ directory: join(dataDirectory, 'log'), clientId: 'test', logger });
  const events: DomainEvent[] = [];
  const consumer = await log.consume({
    topics: ['identity.events'],
    group: `test-${Date.now()}`,
    handle: async ({ records }) => {
      for (const record of records) {
        const event = parseDomainEvent(record);
        if (event) events.push(event);
      }
    },
  });
  await eventually(() => {
    until(events);
  });
  await consumer.stop();
  await log.close();
  return events;
}
