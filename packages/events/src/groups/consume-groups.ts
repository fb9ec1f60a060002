import type { Logger } from '@lyceum/service';
import { consumeDomainEvents } from '../contracts/consume-domain-events.ts';
import type { Consumer, EventLog } from '../event-log.ts';
import type { GroupMemberStore } from './group-member-store.ts';

/**
 * Keeps who is in which group, as identity has it. As a group of consumers of its own it begins with the oldest that the
 * log has, also where the service has heard of identity long before (docs/decisions/0019).
 */
export function consumeGroups(options: {
  log: EventLog;
  logger: Logger;
  /** Whose consumer it is: `learning` reads as the group `learning-groups`. */
  service: string;
  store: { readonly groupMembers: GroupMemberStore };
}): Promise<Consumer> {
  const { log, logger, service, store } = options;
  return consumeDomainEvents({
    log,
    logger,
    topics: ['identity.events'],
    group: `${service}-groups`,
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
