import { consumeDomainEvents, type Consumer, type DomainEventOf, type EventLog } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import type { Members } from '../domain/members.ts';

/** Keeps whose verified addresses are whose, and who belongs to which organisation, as identity has it. */
export function consumeIdentityEvents(options: {
  log: EventLog;
  logger: Logger;
  members: Members;
  /** Called after each change of a user: evidence may have found its owner. */
  onChange: () => void;
}): Promise<Consumer> {
  const { log, logger, members, onChange } = options;
  const learnUser = async ({ data }: DomainEventOf<'user.registered' | 'user.updated'>) => {
    await members.learnUser(data.user);
    onChange();
  };
  return consumeDomainEvents({
    log,
    logger,
    topics: ['identity.events'],
    group: 'learning-identity',
    handlers: {
      'user.registered': learnUser,
      'user.updated': learnUser,
      'membership.changed': ({ data: { membership } }) => {
        const { roles, otherRoles = [] } = membership;
        return members.learnMembership({ ...membership, roles: [...roles, ...otherRoles] });
      },
    },
  });
}
