import type { DomainEventOf, EventHandlers } from '@lyceum/events';
import type { Members } from '../domain/members.ts';

/** Keeps whose verified addresses are whose, and who belongs to which organisation, as identity has it. */
export function onMemberChanged(options: {
  members: Members;
  /** Called after each change of a user: evidence may have found its owner. */
  onChange: () => void;
}): EventHandlers {
  const { members, onChange } = options;
  const learnUser = async ({ data }: DomainEventOf<'user.registered' | 'user.updated'>) => {
    await members.learnUser(data.user);
    onChange();
  };
  return {
    'user.registered': learnUser,
    'user.updated': learnUser,
    'membership.changed': ({ data: { membership } }) => {
      const { roles, otherRoles = [] } = membership;
      return members.learnMembership({ ...membership, roles: [...roles, ...otherRoles] });
    },
  };
}
