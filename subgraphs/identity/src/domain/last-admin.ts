import { PLATFORM_ROLE } from '@lyceum/service';
import type { Member } from '../store/memberships.ts';
import type { Store } from '../store/store.ts';
import { lastAdmin } from './errors.ts';

const kept = ['ADMIN', PLATFORM_ROLE] as const;

/**
 * After a change of somebody who was `before`: an organisation keeps an administrator who can log in, and the platform
 * one who stands above all. Who may not be missed is looked for only where one was lost: an installation of before has
 * nobody above it. The organisation must be locked.
 *
 * @throws LAST_ADMIN
 */
export async function requireAdministrators(
  tx: Store,
  before: Pick<Member, 'organisationId' | 'roles' | 'deactivatedAt'>,
  field: 'roles' | 'userId',
): Promise<void> {
  if (before.deactivatedAt) return;
  for (const role of kept) {
    if (!before.roles.includes(role)) continue;
    if ((await tx.memberships.countWithRole(before.organisationId, role)) === 0) throw lastAdmin(field);
  }
}
