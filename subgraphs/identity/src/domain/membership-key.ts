import type { MembershipKey } from '../store/memberships.ts';

/** The viewer's membership, and nothing else of them: a key is a condition of a query. */
export const keyOf = ({ organisationId, userId }: MembershipKey): MembershipKey => ({
  organisationId,
  userId,
});
