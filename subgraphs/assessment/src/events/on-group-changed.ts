import { consumeDomainEvents, type Consumer, type EventLog } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import type { Database } from '../store/store.ts';

/**
 * Keeps who is in which group, as identity has it. As a group of consumers of its own it begins with the oldest that the
 * log has, also where the service has heard of identity long before (docs/decisions/0019).
 */
export function consumeGroupEvents(options: {
  log: EventLog;
  logger: Logger;
  store: Pick<Database, 'groupMembers'>;
}): Promise<Consumer> {
  const { log, logger, store } = options;
  return consumeDomainEvents({
    log,
    logger,
    topics: ['identity.events'],
    group: 'assessment-groups',
    handlers: {
      'group.members-changed': async ({ data: { groupId, organisationId, added, removed, revision } }) => {
        await store.groupMembers.upsertMany({ groupId, organisationId, added, removed, revision });
      },
      'group.changed': async ({ data: { group } }) => {
        if (group.deleted) await store.groupMembers.deleteAll(group.organisationId, group.id);
      },
    },
  });
}
