import { consumeDomainEvents, type Consumer, type EventLog } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import type { Answers } from './answers.ts';

/** A large answer, or one that fails for a while, keeps nothing waiting but other requests about people. */
const personalDataGroup = 'lrs-personal-data';

/** Answers identity's requests about people until it is stopped. */
export async function consumePersonalDataRequests(options: {
  log: EventLog;
  logger: Logger;
  answers: Answers;
}): Promise<Consumer> {
  const { log, logger, answers } = options;
  const stopping = new AbortController();
  const consumer = await consumeDomainEvents({
    log,
    logger,
    topics: ['identity.events'],
    group: personalDataGroup,
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
