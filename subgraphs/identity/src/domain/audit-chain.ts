import { createHash } from 'node:crypto';
import type { AuditEvent } from '../store/audit-events.ts';
import type { Database } from '../store/store.ts';
import type { AuditedAct } from './audit.ts';

/** A row as it is exported: enough to verify it by whoever has the one before. */
export type ChainedAct = Pick<AuditEvent, 'sequence' | 'previousHash' | 'hash' | 'event'>;

/** Where a chain is broken, and how. */
export interface ChainFault {
  readonly organisationId: string;
  readonly sequence: bigint;
  readonly reason: string;
}

const rowsAtOnce = 1_000;

/** SHA-256 of the hash before, the place and the act as JSON, by line feeds: what `audit_append` makes of them. */
function hashOfAct({ previousHash, sequence, event }: Omit<ChainedAct, 'hash'>): string {
  return createHash('sha256').update(`${previousHash}\n${sequence}\n${event}`).digest('hex');
}

/** Why a row can't follow the one before it; undefined where it does. */
export function faultInChain(
  row: ChainedAct,
  before: { sequence: bigint; hash: string },
): string | undefined {
  if (row.sequence !== before.sequence + 1n)
    return `rows ${before.sequence + 1n} to ${row.sequence - 1n} are missing`;
  if (row.previousHash !== before.hash) return 'it does not continue the row before';
  return row.hash === hashOfAct(row) ? undefined : 'its hash is not that of what it says';
}

/** Every chain from its first row, in bounded memory. Answers the first fault of each, and how many rows it read. */
export async function verifyChains(store: Database): Promise<{ rows: number; faults: ChainFault[] }> {
  const faults: ChainFault[] = [];
  let rows = 0;
  for (const chain of await store.auditEvents.selectChains()) {
    const { read, fault } = await verifyChain(store, chain);
    rows += read;
    if (fault) faults.push({ organisationId: chain.organisationId, ...fault });
  }
  return { rows, faults };
}

interface Chain {
  readonly organisationId: string;
  readonly sequence: bigint;
  readonly hash: string;
}

async function verifyChain(store: Database, chain: Chain) {
  let last = { sequence: 0n, hash: '' };
  for await (const row of actsOf(store, chain.organisationId)) {
    const reason = faultInChain(row, last) ?? faultInColumns(row);
    if (reason !== undefined)
      return { read: Number(last.sequence), fault: { sequence: row.sequence, reason } };
    last = row;
  }
  const { sequence } = last;
  // Rows may have come after the chain's end was read; fewer are too few.
  const cut =
    sequence < chain.sequence ? `rows ${sequence + 1n} to ${chain.sequence} are missing` : undefined;
  return { read: Number(sequence), fault: cut === undefined ? undefined : { sequence, reason: cut } };
}

/** The columns that a filter looks at say what the act says. */
function faultInColumns(row: AuditEvent): string | undefined {
  const act = JSON.parse(row.event) as AuditedAct;
  const same =
    row.id === act.id &&
    row.organisationId === act.organisationId &&
    row.occurredAt.toISOString() === act.occurredAt &&
    row.act === act.act &&
    row.outcome === act.outcome &&
    row.actorId === act.actor.id &&
    row.subjectId === act.subjectId;
  return same ? undefined : 'its columns do not say what it says';
}

/** An organisation's acts from the first on, in bounded memory. */
export async function* actsOf(store: Database, organisationId: string): AsyncGenerator<AuditEvent> {
  let after = 0n;
  for (;;) {
    const rows = await store.auditEvents.selectManyAfter(organisationId, after, rowsAtOnce);
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = last.sequence;
  }
}
