import type { Logger } from '@lyceum/service';
import { consumeDomainEvents } from '../contracts/consume-domain-events.ts';
import { domainEvent, type DomainEventInput, type OutboxRow } from '../contracts/domain-event.ts';
import type { Consumer, EventLog } from '../event-log.ts';
import { createPersonalDataAnswers, type PersonalDataTelling, type Transactions } from './answers.ts';
import type { Sql } from '../sql.ts';
import type { TableDecisions } from './tables.ts';

type AnsweringTopic = DomainEventInput<'personal-data.done'>['topic'];

/** What of a service's transaction the answers need. */
export interface AnsweringStore {
  readonly sql: Sql;
  readonly outbox: { insert(rows: readonly OutboxRow[]): Promise<void> };
}

/**
 * Answers identity's requests about people for a service, on its own topic, until it is stopped. In a group of its own:
 * a large answer, or one that fails for a while, keeps nothing waiting but other requests about people.
 */
export async function consumePersonalDataRequests(options: {
  log: EventLog;
  logger: Logger;
  service: string;
  topic: AnsweringTopic;
  tables: TableDecisions;
  database: Transactions<AnsweringStore>;
  attempts?: number | undefined;
}): Promise<Consumer> {
  const { log, logger, service, topic } = options;
  const stopping = new AbortController();
  const answers = createPersonalDataAnswers({ ...options, tell: tellingOn(topic) });
  const consumer = await consumeDomainEvents({
    log,
    logger,
    topics: ['identity.events'],
    group: `${service}-personal-data`,
    handlers: {
      'personal-data.requested': ({ id: eventId, data }) =>
        answers.answer({ ...data, eventId }, stopping.signal),
    },
  });
  return {
    async stop() {
      stopping.abort();
      await consumer.stop();
    },
  };
}

/** Through the outbox. */
function tellingOn(topic: AnsweringTopic): PersonalDataTelling<AnsweringStore> {
  return {
    piece: (tx, data) => {
      const { jobId: subject, organisationId: organisation } = data;
      return tx.outbox.insert([
        domainEvent({ type: 'personal-data.piece', topic, subject, organisation, data }),
      ]);
    },
    done: (tx, data) => {
      const { jobId: subject, organisationId: organisation } = data;
      return tx.outbox.insert([
        domainEvent({ type: 'personal-data.done', topic, subject, organisation, data }),
      ]);
    },
  };
}
