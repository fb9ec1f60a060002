import { domainEvent } from '@lyceum/events';
import type { Organisation } from '../store/organisations.ts';
import type { Store } from '../store/store.ts';

export const organisationEvents = {
  async organisationCreated(tx: Store, { id, name, slug }: Organisation): Promise<void> {
    const data = { organisation: { id, name, slug } };
    await tx.outbox.insert([
      domainEvent({ type: 'organisation.created', subject: id, organisation: id, data }),
    ]);
  },

  async organisationUpdated(tx: Store, organisation: Organisation): Promise<void> {
    const { id } = organisation;
    const data = { organisation: stateOf(organisation) };
    await tx.outbox.insert([
      domainEvent({ type: 'organisation.updated', subject: id, organisation: id, data }),
    ]);
  },

  /** @param accessTokensUntil from when none of its access tokens is valid */
  async organisationSuspended(tx: Store, organisation: Organisation, accessTokensUntil: Date): Promise<void> {
    const { id, suspendedAt } = organisation;
    const at = (suspendedAt ?? new Date()).toISOString();
    const until = accessTokensUntil.toISOString();
    const data = { organisation: { ...stateOf(organisation), suspendedAt: at, accessTokensUntil: until } };
    await tx.outbox.insert([
      domainEvent({ type: 'organisation.suspended', subject: id, organisation: id, data }),
    ]);
  },

  /** @param accessTokensUntil from when none that its sessions got before is valid */
  async organisationReinstated(
    tx: Store,
    organisation: Organisation,
    accessTokensUntil: Date,
  ): Promise<void> {
    const { id, sessionsFrom } = organisation;
    const from = (sessionsFrom ?? new Date()).toISOString();
    const until = accessTokensUntil.toISOString();
    const data = { organisation: { ...stateOf(organisation), sessionsFrom: from, accessTokensUntil: until } };
    await tx.outbox.insert([
      domainEvent({ type: 'organisation.reinstated', subject: id, organisation: id, data }),
    ]);
  },
};

const stateOf = ({ id, name, slug, suspendedAt, revision }: Organisation) => ({
  id,
  name,
  slug,
  state: suspendedAt ? ('SUSPENDED' as const) : ('ACTIVE' as const),
  revision,
});
