import { consumeDomainEvents, type Consumer, type EventLog } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import { answerTopics } from '../domain/privacy/holders.ts';
import type { ToldAnswers } from '../domain/privacy/told-answers.ts';
import type { Database } from '../store/store.ts';

/** Takes in what the others tell of people's data, in the group of which all instances are members. */
export function consumePersonalDataAnswers(options: {
  log: EventLog;
  logger: Logger;
  store: Database;
  answers: ToldAnswers;
  /** Called after the end of a part: it may be identity's turn. */
  onDone: () => void;
}): Promise<Consumer> {
  const { log, logger, store, answers, onDone } = options;
  return consumeDomainEvents({
    log,
    logger,
    topics: answerTopics,
    group: 'identity-personal-data',
    handlers: {
      'personal-data.piece': ({ data }) => store.transaction((tx) => answers.takePiece(tx, data)),
      'personal-data.done': async ({ data }) => {
        await store.transaction((tx) => answers.takeDone(tx, data));
        onDone();
      },
    },
  });
}
