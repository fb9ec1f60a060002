import { invalid, requirePermission, viewerMay, type Viewer } from '@lyceum/service';
import type { Organisation } from '../store/organisations.ts';
import type { Database } from '../store/store.ts';
import { changeOrganisation, recordInBoth } from './organisation-change.ts';
import { limitsOf, type Planned } from './plan.ts';

/** What is absent stays as it is; null lifts a limit. */
export type PlanChange = Readonly<Partial<Record<Planned, number | null | undefined>>>;

const planned = ['people', 'apiClients', 'lrsKeys'] as const;
/** Of PostgreSQL's integer. */
const most = 2_147_483_647;

export type Plans = ReturnType<typeof createPlans>;

/** How much organisations may have, as the platform says. */
export function createPlans({ store }: { store: Database }) {
  return {
    /** Who sees the plan of an organisation: its own who may, and who stands above it. @throws FORBIDDEN */
    requireSeen(viewer: Viewer, { id }: Organisation): void {
      if (id !== viewer.organisationId || !viewerMay(viewer, 'organisation.plan.read'))
        requirePermission(
          viewer,
          id === viewer.organisationId ? 'organisation.plan.read' : 'organisation.list',
        );
    },

    /** @throws INVALID, NOT_FOUND, FORBIDDEN */
    async update(viewer: Viewer, { id, ...input }: PlanChange & { id: string }): Promise<Organisation> {
      const wanted = checkedLimits(input);
      const permission = 'organisation.plan.update';
      return changeOrganisation(store, viewer, { id, permission }, async (tx, before, entry) => {
        const was = limitsOf(before);
        const limits = { ...was, ...wanted };
        const after = await tx.organisations.updatePlan(id, limits);
        const changed = planned.filter((what) => was[what] !== limits[what]);
        const changes = Object.fromEntries(changed.map((what) => [what, [was[what], limits[what]] as const]));
        await recordInBoth(tx, { ...entry, changes }, id);
        return after;
      });
    },
  };
}

/** Those that were given. @throws INVALID */
function checkedLimits(input: PlanChange): Partial<Record<Planned, number | null>> {
  const given = planned.filter((what) => input[what] !== undefined);
  for (const what of given) {
    const limit = input[what] ?? 0;
    if (limit < 0 || limit > most) throw invalid(['input', what], 'A limit is a number from 0.');
  }
  return Object.fromEntries(given.map((what) => [what, input[what] ?? null]));
}
