import { domainEvent } from '@lyceum/events';
import { instantOfStored } from '../query/stored.ts';
import { stateOf } from '../store/statement-forwardings.ts';
import type { Store } from '../store/store.ts';
import type { Refusal } from './deliver.ts';

/** So long it may be a passing thing that the other store takes nothing. */
export const patienceMs = 15 * 60_000;

/** What is told beside what the row says. */
export interface Told {
  readonly refusals?: readonly Refusal[];
  /** Statements that wait, where they were counted. */
  readonly pending?: number | undefined;
}

/** Tells records how a forwarding stands, in the transaction that brought it there. */
export async function tellForwarding(
  tx: Pick<Store, 'outbox' | 'statementForwardings'>,
  id: string,
  { refusals = [], pending }: Told = {},
): Promise<void> {
  const forwarding = await tx.statementForwardings.updateTold(id);
  const { organisationId, failure, failingSince, lastSuccessAt, stopped, nextAt, deletedAt } = forwarding;
  if (deletedAt !== null) return;
  const state = stateOf(forwarding, patienceMs);
  const waits = failingSince !== null && !stopped && state !== 'PAUSED';
  const data = {
    ...{
      forwardingId: id,
      organisationId,
      revision: forwarding.told,
      setupRevision: forwarding.setupRevision,
      state,
    },
    sent: Number(forwarding.sent),
    refused: Number(forwarding.refused),
    lagSeconds: lagOf(forwarding.cursorStored),
    ...(pending === undefined ? {} : { pending }),
    ...(failure === null ? {} : { failure }),
    ...(failingSince === null ? {} : { failingSince: failingSince.toISOString() }),
    ...(waits ? { waitingUntil: nextAt.toISOString() } : {}),
    ...(lastSuccessAt === null ? {} : { lastSuccessAt: lastSuccessAt.toISOString() }),
    refusals: refusals.map(({ refusedAt, ...refusal }) => ({
      ...refusal,
      refusedAt: refusedAt.toISOString(),
    })),
  };
  await tx.outbox.insert([
    domainEvent({ type: 'statement-forwarding.progressed', subject: id, organisation: organisationId, data }),
  ]);
}

/** How long ago that was stored up to which all was sent, in seconds. */
export function lagOf(cursorStored: string, now = Date.now()): number {
  return Math.max(0, now - instantOfStored(cursorStored).getTime()) / 1000;
}
