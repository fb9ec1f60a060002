import { consumeDomainEvents, type Consumer, type EventHandlers, type EventLog } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import { storedOf } from '../personal-data/person.ts';
import type { Database } from '../store/store.ts';
import { tellForwarding } from './tell-forwarding.ts';

const forwardingGroup = 'lrs-statement-forwardings';

/** Takes in what organisations want forwarded, until it is stopped; workers do it (forwarding-worker.ts). */
export function consumeForwardings(o: { log: EventLog; logger: Logger; store: Database }): Promise<Consumer> {
  const { log, logger, store } = o;
  return consumeDomainEvents({
    log,
    logger,
    topics: ['records.events'],
    group: forwardingGroup,
    handlers: forwardingHandlers(store),
  });
}

export function forwardingHandlers(store: Database): EventHandlers {
  return {
    'statement-forwarding.updated': ({ data: { forwarding } }) =>
      store.transaction(async (tx) => {
        await tx.statementForwardings.upsert(forwarding, storedOf(new Date(forwarding.since)));
        await tellForwarding(tx, forwarding.id);
      }),
    'statement-forwarding.deleted': ({ data: { organisationId, forwardingId } }) =>
      store.transaction((tx) => tx.statementForwardings.delete(organisationId, forwardingId)),
  };
}
