import {
  invalid,
  newId,
  notFound,
  OBSERVER_PERMISSIONS,
  requirePermission,
  type Viewer,
} from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Grant } from '../store/grants.ts';
import type { Database, Store } from '../store/store.ts';
import { actOn, recordAct } from './audit.ts';
import { once, refuseTooMany, requireMember } from './grants.ts';
import { isObservation } from './held-names.ts';
import { requireAll, requireNow } from './require-now.ts';

export interface NewObservation {
  readonly observerId: string;
  readonly learnerId: string;
}

/** So many observe one person: all are answered with them. */
export const mostObservers = 100;

export type Observations = ReturnType<typeof createObservations>;

/**
 * Who may see how another learns: a parent, a mentor. It is a grant of the role OBSERVER for a person (decision 19), and
 * gives all that the catalogue lets be granted for one.
 */
export function createObservations({ store, events }: { store: Database; events: IdentityEvents }) {
  return {
    /** Whom the viewer observes. @throws FORBIDDEN */
    async by(viewer: Viewer): Promise<Grant[]> {
      requirePermission(viewer, 'observation.read.own');
      const grants = await store.grants.selectManyOf(viewer.organisationId, [viewer.userId]);
      return grants.filter(isObservation);
    },

    /** By whom these people are observed: for themselves, and for those who see it of others. @throws FORBIDDEN */
    async of(viewer: Viewer, learnerIds: readonly string[]): Promise<Grant[]> {
      for (const id of learnerIds)
        requirePermission(viewer, id === viewer.userId ? 'observation.read.own' : 'observation.read');
      return store.grants.selectManyOn(viewer.organisationId, learnerIds);
    },

    /** Takes effect with the observer's next access token. @throws INVALID, NOT_FOUND, FORBIDDEN, CONFLICT */
    async create(viewer: Viewer, { observerId, learnerId }: NewObservation): Promise<Grant> {
      if (observerId === learnerId) throw invalid(['input', 'observerId'], 'Nobody observes themselves.');
      const { organisationId } = viewer;
      const entry = actOn(viewer, 'observation.create', learnerId);
      return store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        const held = await requireNow(tx, viewer, 'observation.create');
        await requireMember(tx, organisationId, observerId, ['input', 'observerId']);
        await requireMember(tx, organisationId, learnerId, ['input', 'learnerId']);
        requireAll(held, OBSERVER_PERMISSIONS);
        await refuseTooMany(tx, organisationId, observerId, null, ['input', 'observerId']);
        await refuseMoreObservers(tx, organisationId, learnerId);
        const of = { organisationId, userId: observerId, objectId: learnerId };
        const row = { id: newId('observation'), ...of, role: 'OBSERVER', roleId: null };
        const observation = await once(() => tx.grants.insert(row), 'The person observes them already.');
        await events.observationCreated(tx, observation);
        const changes = { observer: [null, observerId], observation: [null, observation.id] } as const;
        await recordAct(tx, { ...entry, changes });
        return observation;
      });
    },

    /** @throws NOT_FOUND, FORBIDDEN */
    async remove(viewer: Viewer, id: string): Promise<string> {
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        await requireNow(tx, viewer, 'observation.remove');
        const observation = await tx.grants.selectOptional(organisationId, id);
        if (!observation || !isObservation(observation)) {
          throw notFound('observation', id, ['input', 'observationId']);
        }
        await tx.grants.delete(organisationId, id);
        await events.observationRemoved(tx, observation);
        const { userId, objectId } = observation;
        const changes = { observer: [userId, null], observation: [id, null] } as const;
        await recordAct(tx, actOn(viewer, 'observation.remove', objectId, changes));
        return id;
      });
    },
  };
}

/** The organisation must be locked. @throws INVALID */
async function refuseMoreObservers(tx: Store, organisationId: string, learnerId: string): Promise<void> {
  const before = await tx.grants.selectManyOn(organisationId, [learnerId]);
  if (before.length < mostObservers) return;
  throw invalid(['input', 'learnerId'], `At most ${mostObservers} observe one person.`);
}
