import { parseDomainEvent, type DomainEvent, type DomainEventOf, type EventType } from '@lyceum/events';
import { decodeStatementBatch } from '@lyceum/xapi';
import { eventually } from '@lyceum/testing';
import type { LearningUnderTest } from './learning.ts';

/** A statement that learning has published, as far as tests look at it. */
interface HeardStatement {
  readonly organisationId: string;
  readonly actor: string;
  readonly verb: string;
  readonly activity: string;
}

/** Everything that learning publishes, each event checked against its contract as it is read. */
export async function listen(learning: LearningUnderTest) {
  const events: DomainEvent[] = [];
  const statements: HeardStatement[] = [];
  const group = `test-${process.hrtime.bigint()}`;
  const consumer = await learning.log.consume({
    topics: ['learning.events', 'statements'],
    group,
    handle: async ({ topic, records }) => {
      for (const record of records) {
        if (topic === 'learning.events') events.push(parseDomainEvent(record)!);
        else {
          const { organisationId, statements: logged } = decodeStatementBatch(record);
          for (const { actor, verb, activity } of logged)
            statements.push({ organisationId, actor, verb, activity });
        }
      }
    },
  });

  /** Learning has told all that it has to tell, and all of it was heard here. */
  async function everythingIsHeard(): Promise<void> {
    await learning.settled();
    await eventually(
      async () => {
        const behind = (await learning.log.lag(group)).filter(({ lag }) => lag > 0);
        if (behind.length > 0) throw new Error(`not heard: ${JSON.stringify(behind)}`);
      },
      { timeoutMs: 25_000 },
    );
  }

  return {
    /** All events of a type about the course, the enrolment or whatever has this id, in order. */
    async events<T extends EventType>(type: T, about: string): Promise<DomainEventOf<T>[]> {
      await everythingIsHeard();
      return events.filter(
        (event): event is DomainEvent & DomainEventOf<T> =>
          event.type === type && JSON.stringify(event).includes(about),
      );
    },

    /** All statements about the activity of an object with this id. */
    async statements(id: string): Promise<HeardStatement[]> {
      await everythingIsHeard();
      return statements.filter(({ activity }) => activity.endsWith(`/${id}`));
    },

    stop: () => consumer.stop(),
  };
}
