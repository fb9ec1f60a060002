import { invalid, isOfPlatform, isPermission, PLATFORM_ROLE } from '@lyceum/service';
import type { Store } from '../store/store.ts';

const isAbove = (name: string) => name === PLATFORM_ROLE || (isPermission(name) && isOfPlatform(name));

/**
 * Those of the names of roles and permissions that count in an organisation: what is over all organisations counts in the
 * platform's alone, whatever a table says. It is looked up only where there is something to lose.
 */
export async function permittedIn<Name extends string>(
  tx: Store,
  organisationId: string,
  names: readonly Name[],
): Promise<readonly Name[]> {
  if (!names.some(isAbove) || (await isPlatform(tx, organisationId))) return names;
  return names.filter((name) => !isAbove(name));
}

/**
 * Before anybody is given a role: what stands above the organisations is given in the platform's alone. That whoever gives
 * it holds it, `requireAll` sees to; and the database refuses it whichever way it comes (0018_who_stands_above).
 *
 * @throws INVALID
 */
export async function requireRolesOf(
  tx: Store,
  organisationId: string,
  roles: readonly string[],
): Promise<void> {
  if ((await permittedIn(tx, organisationId, roles)).length === roles.length) return;
  throw invalid(['input', 'roles'], `${PLATFORM_ROLE} is given in the platform organisation alone.`);
}

async function isPlatform(tx: Store, organisationId: string): Promise<boolean> {
  const [organisation] = await tx.organisations.selectMany([organisationId]);
  return organisation?.platform === true;
}
