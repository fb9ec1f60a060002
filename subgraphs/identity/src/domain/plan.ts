import type { Organisation } from '../store/organisations.ts';
import type { Store } from '../store/store.ts';
import { planLimit } from './errors.ts';

/** What a plan limits. */
export type Planned = 'people' | 'apiClients' | 'lrsKeys';

export interface PlanLine {
  readonly used: number;
  /** Null: as many as there are. */
  readonly limit: number | null;
}

export const limitsOf = ({ planPeople, planApiClients, planLrsKeys }: Organisation) => ({
  people: planPeople,
  apiClients: planApiClients,
  lrsKeys: planLrsKeys,
});

/**
 * After people came in, within the transaction in which they did. The database counts them as it writes, and holds the
 * organisation's row from then on: of two who come in at once, the second waits and is counted after the first. Who is
 * in stays in where a limit was lowered beneath them.
 *
 * @throws PLAN_LIMIT
 */
export async function requireRoom(tx: Store, organisationId: string): Promise<void> {
  const room = await roomFor(tx, organisationId);
  if (room < 0) throw planLimit('people');
}

/** How many more people may come in; less than nothing where there are too many. */
export async function roomFor(tx: Store, organisationId: string): Promise<number> {
  const [organisation] = await tx.organisations.selectMany([organisationId]);
  if (organisation?.planPeople == null) return Infinity;
  return organisation.planPeople - organisation.peopleCount;
}

/**
 * Before a program or a key is made. It holds the organisation, so that of two at the limit one is made.
 *
 * @throws PLAN_LIMIT
 */
export async function requireRoomFor(
  tx: Store,
  organisationId: string,
  what: 'apiClients' | 'lrsKeys',
): Promise<void> {
  await tx.memberships.lockOrganisation(organisationId);
  const [organisation] = await tx.organisations.selectMany([organisationId]);
  const limit = organisation ? limitsOf(organisation)[what] : null;
  if (limit === null) return;
  if ((await tx[what].countWorking(organisationId, new Date())) >= limit) throw planLimit(what);
}
