import { domainEvent } from '@lyceum/events';
import type { Member } from '../store/memberships.ts';
import type { Store } from '../store/store.ts';
import type { User } from '../store/users.ts';

/** What is told of a member. */
export type MemberFacts = Pick<Member, 'id' | 'organisationId' | 'name' | 'email' | 'roles' | 'revision'> &
  Partial<Pick<Member, 'deactivatedAt'>>;

export const memberEvents = {
  /** A person with an account, and their first membership. */
  async userRegistered(tx: Store, user: User, member: Member): Promise<void> {
    const { id, email, emailVerified, revision } = user;
    const data = { user: { id, name: member.name, email, emailVerified, revision } };
    // An account belongs to no organisation; its memberships do.
    await tx.outbox.insert([
      domainEvent({ type: 'user.registered', subject: id, organisation: '', data }),
      membershipChanged(member),
    ]);
  },

  /** An account with another address; the name is that of one of its memberships. */
  async userUpdated(tx: Store, { id, email, emailVerified, revision }: User, name: string): Promise<void> {
    const data = { user: { id, name, email, emailVerified, revision } };
    await tx.outbox.insert([domainEvent({ type: 'user.updated', subject: id, organisation: '', data })]);
  },

  async membershipChanged(tx: Store, member: MemberFacts): Promise<void> {
    await tx.outbox.insert([membershipChanged(member)]);
  },

  /** Many at once; some with an account that is new. */
  async peopleTakenIn(tx: Store, people: readonly (MemberFacts & { registered: boolean })[]): Promise<void> {
    const rows = people.flatMap((person) => {
      const { id, name, email, registered } = person;
      const user = { id, name, email, emailVerified: true, revision: 1 };
      const event = { type: 'user.registered', subject: id, organisation: '', data: { user } } as const;
      return registered ? [domainEvent(event), membershipChanged(person)] : [membershipChanged(person)];
    });
    await tx.outbox.insert(rows);
  },
};

/** The person is the subject, so that a user and their memberships arrive in order. */
function membershipChanged({ id: userId, organisationId, roles, deactivatedAt, revision }: MemberFacts) {
  const known = roles.filter(isRoleOfContract);
  const otherRoles = roles.filter((role) => !isRoleOfContract(role));
  const state = deactivatedAt ? 'DEACTIVATED' : 'ACTIVE';
  const membership = { userId, organisationId, roles: known, state, revision } as const;
  const data = { membership: otherRoles.length === 0 ? membership : { ...membership, otherRoles } };
  return domainEvent({ type: 'membership.changed', subject: userId, organisation: organisationId, data });
}

/** The first version of the contract knows these by name; a new one goes into its open list, which old readers skip. */
const rolesOfContract = ['ADMIN', 'AUTHOR', 'INSTRUCTOR', 'LEARNER'] as const;

function isRoleOfContract(role: string): role is (typeof rolesOfContract)[number] {
  return (rolesOfContract as readonly string[]).includes(role);
}
