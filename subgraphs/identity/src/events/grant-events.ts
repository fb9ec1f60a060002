import { domainEvent } from '@lyceum/events';
import { expanded } from '@lyceum/service';
import type { Grant } from '../store/grants.ts';
import type { Store } from '../store/store.ts';

/** Of roles that are granted, and of observations, which are grants of one role for a person. */
export const grantEvents = {
  async roleGranted(tx: Store, grant: Grant): Promise<void> {
    await tx.outbox.insert([grantEvent('role.granted', grant)]);
  },

  async roleRevoked(tx: Store, grant: Grant): Promise<void> {
    await tx.outbox.insert([grantEvent('role.revoked', grant)]);
  },

  async observationCreated(tx: Store, observation: Grant): Promise<void> {
    await tx.outbox.insert([observationEvent('observation.created', observation)]);
  },

  async observationRemoved(tx: Store, observation: Grant): Promise<void> {
    await tx.outbox.insert([observationEvent('observation.removed', observation)]);
  },
};

/** The person is the subject, as of the membership. */
function grantEvent(
  type: 'role.granted' | 'role.revoked',
  { id, userId, organisationId, role, customRole, objectId }: Grant,
) {
  const permissions = [...expanded(customRole?.permissions ?? [role])];
  const grant = {
    id,
    userId,
    organisationId,
    role,
    permissions,
    objectId: objectId === '' ? null : objectId,
  };
  return domainEvent({ type, subject: userId, organisation: organisationId, data: { grant } });
}

/** The observer is the subject, as of what else they are granted. */
function observationEvent(
  type: 'observation.created' | 'observation.removed',
  { id, organisationId, userId: observerId, objectId: learnerId }: Grant,
) {
  const data = { observation: { id, organisationId, observerId, learnerId } };
  return domainEvent({ type, subject: observerId, organisation: organisationId, data });
}
