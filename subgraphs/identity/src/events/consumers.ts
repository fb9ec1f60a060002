import { consumeDomainEvents, type Consumer, type EventHandlers, type EventLog } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import { answerTopics } from '../domain/privacy/holders.ts';
import type { ToldAnswers } from '../domain/privacy/told-answers.ts';
import type { Database } from '../store/store.ts';
import { onLrsKeyUsed } from './on-lrs-key-used.ts';
import { onPersonalDataAnswered } from './on-personal-data-answered.ts';

/** Begins to hear what the others tell: each topic, in which group, and what is done about it. */
export function startConsumers(options: {
  log: EventLog;
  logger: Logger;
  store: Database;
  answers: ToldAnswers;
  /** Called after another service has answered about a person: it may be identity's turn. */
  onDone: () => void;
}): Promise<Consumer[]> {
  const { log, logger, store, answers, onDone } = options;
  const consume = (topics: readonly string[], group: string, handlers: EventHandlers) =>
    consumeDomainEvents({ log, logger, topics, group, handlers });
  return Promise.all([
    consume(['lrs.events'], 'identity', onLrsKeyUsed({ store })),
    consume(answerTopics, 'identity-personal-data', onPersonalDataAnswered({ store, answers, onDone })),
  ]);
}
