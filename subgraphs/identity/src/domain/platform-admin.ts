import { PLATFORM_ROLE } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Database } from '../store/store.ts';
import { recordAct, system } from './audit.ts';

/**
 * Gives the role that stands above all organisations to a member of the platform's, where nobody holds it: after an update
 * of an installation with several organisations, or where the last who held it is lost. Whoever sets the variables of the
 * service has its database, too. Of several instances that start at once, one does.
 *
 * @returns what became of it; HELD: somebody holds it, UNKNOWN: the platform has no such member who can log in
 */
export async function appointPlatformAdmin(
  store: Database,
  events: IdentityEvents,
  email: string,
): Promise<'APPOINTED' | 'HELD' | 'UNKNOWN'> {
  return store.transaction(async (tx) => {
    const platform = await tx.organisations.selectOptionalPlatform();
    if (!platform) return 'UNKNOWN';
    const { id: organisationId } = platform;
    await tx.memberships.lockOrganisation(organisationId);
    if ((await tx.memberships.countWithRole(organisationId, PLATFORM_ROLE)) > 0) return 'HELD';
    const account = await tx.users.selectOptionalByEmail(email);
    const member = account && (await tx.memberships.selectOptionalOpen(organisationId, account.id));
    if (!member) return 'UNKNOWN';
    const roles = [...new Set([...member.roles, PLATFORM_ROLE])];
    await events.membershipChanged(
      tx,
      await tx.memberships.updateRoles(organisationId, member.userId, roles),
    );
    const changes = { roles: [member.roles, roles] } as const;
    const act = { act: 'membership.update', by: system, organisationId, subjectId: member.userId } as const;
    await recordAct(tx, { ...act, changes });
    return 'APPOINTED';
  });
}
