import { parseDomainEvent, type DomainEvent } from '@lyceum/events';
import { decodeStatementBatch } from '@lyceum/xapi';
import { eventually } from '@lyceum/testing';
import type { LearningUnderTest } from './learning.ts';

/** Everything that learning has published, each event checked against its contract as it is read. */
export async function listen(learning: LearningUnderTest) {
  const events: DomainEvent[] = [];
  const completions: { actor: string; verb: string; activity: string; organisationId: string }[] = [];
  const consumer = await learning.log.consume({
    topics: ['learning.events', 'statements'],
    group: `test-${process.hrtime.bigint()}`,
    handle: async ({ topic, records }) => {
      for (const record of records) {
        if (topic === 'learning.events') events.push(parseDomainEvent(record)!);
        else {
          const { organisationId, statements } = decodeStatementBatch(record);
          for (const { actor, verb, activity } of statements)
            completions.push({ organisationId, actor, verb, activity });
        }
      }
    },
  });
  return {
    events,
    statements: completions,
    ofType: (type: string) => events.filter((event) => event.type === type),
    /** Resolves when there are so many events of a type. */
    count: (type: string, count: number) =>
      eventually(() => {
        const found = events.filter((event) => event.type === type);
        if (found.length < count) throw new Error(`${found.length} ${type} of ${count}`);
        return found;
      }),
    stop: () => consumer.stop(),
  };
}
