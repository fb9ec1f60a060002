import type { DomainEventOf, EventHandlers } from '@lyceum/events';
import type { Database, Tables } from '../store/database.ts';
import type { ForwardingProgress, StatementForwarding } from '../store/statement-forwardings.ts';
import type { ForwardingEvents } from './forwarding-events.ts';

type Progressed = DomainEventOf<'statement-forwarding.progressed'>['data'];

/** Notes how the LRS says a forwarding goes. What comes again, or after what is newer, changes nothing. */
export function onForwardingProgressed({
  database,
  events,
}: {
  database: Database;
  events: ForwardingEvents;
}): EventHandlers {
  return {
    'statement-forwarding.progressed': ({ data }) =>
      database.transaction(async (tx) => {
        const forwarding = await tx.statementForwardings.lock(data.organisationId, data.forwardingId);
        if (forwarding === undefined) return;
        // Refusals count whenever they come: each is told once.
        await noteRefusals(tx, data);
        if (forwarding.told >= data.revision) return;
        await events.changed(
          tx,
          await tx.statementForwardings.updateProgress(forwarding, progressOf(forwarding, data)),
        );
      }),
  };
}

async function noteRefusals(tx: Tables, { forwardingId, refusals }: Progressed): Promise<void> {
  if (refusals.length === 0) return;
  await tx.forwardingRefusals.insert(
    refusals.map(({ refusedAt, ...refusal }) => ({
      ...refusal,
      forwardingId,
      refusedAt: new Date(refusedAt),
    })),
  );
  await tx.forwardingRefusals.deleteOld(forwardingId);
}

function progressOf(forwarding: StatementForwarding, data: Progressed): ForwardingProgress {
  const { revision: told, pending, lagSeconds, lastSuccessAt } = data;
  return {
    ...{ told, sent: BigInt(data.sent), refused: BigInt(data.refused) },
    // They are counted now and then, and stay until they are counted again.
    ...(pending === undefined ? {} : { pending: BigInt(pending) }),
    ...(lagSeconds === undefined ? {} : { lagSeconds }),
    lastSuccessAt: lastSuccessAt === undefined ? null : new Date(lastSuccessAt),
    // Of what was wanted before, it says nothing of how it is now.
    ...(data.setupRevision >= forwarding.revision && stateOf(data)),
  };
}

function stateOf({ state, failure, failingSince, waitingUntil }: Progressed) {
  return {
    state,
    failure: failure ?? null,
    failingSince: failingSince === undefined ? null : new Date(failingSince),
    waitingUntil: waitingUntil === undefined ? null : new Date(waitingUntil),
  };
}
