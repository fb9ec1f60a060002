import { domainEvent } from '@lyceum/events';
import type { Names } from '../domain/names.ts';
import type { Tables } from '../store/database.ts';
import type { StatementForwarding } from '../store/statement-forwardings.ts';

export type ForwardingEvents = ReturnType<typeof createForwardingEvents>;

/** What records tells of forwardings, written to the outbox of the transaction that `tx` belongs to. */
export function createForwardingEvents(names: Names) {
  return {
    /** Tells the LRS what is wanted; the same revision again is the same. The secret stays sealed. */
    async updated(tx: Tables, wanted: StatementForwarding): Promise<void> {
      const { id, organisationId, revision, enabled, endpoint, version, key, secret, attachments } = wanted;
      const { actors, ...filter } = wanted.filter;
      const forwarding = {
        ...{ id, organisationId, revision, enabled, endpoint, version, key, secret, attachments },
        since: wanted.since.toISOString(),
        filter: {
          ...filter,
          verbs: [...filter.verbs],
          activities: [...filter.activities],
          registrations: [...filter.registrations],
          agents: actors.flatMap((actor) => names.actorsOf(actor)),
        },
      };
      await tx.outbox.insert([
        domainEvent({
          type: 'statement-forwarding.updated',
          subject: id,
          organisation: organisationId,
          data: { forwarding },
        }),
      ]);
    },

    async deleted(tx: Tables, { id: forwardingId, organisationId }: StatementForwarding): Promise<void> {
      await tx.outbox.insert([
        domainEvent({
          type: 'statement-forwarding.deleted',
          subject: forwardingId,
          organisation: organisationId,
          data: { forwardingId, organisationId },
        }),
      ]);
    },

    async changed(
      tx: Tables,
      { id, organisationId, state, sent, refused }: StatementForwarding,
    ): Promise<void> {
      const forwarding = { id, organisationId, state, sent: Number(sent), refused: Number(refused) };
      await tx.outbox.insert([
        domainEvent({
          type: 'statement-forwarding.changed',
          subject: id,
          organisation: organisationId,
          data: { forwarding },
        }),
      ]);
    },
  };
}
