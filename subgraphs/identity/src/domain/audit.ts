import { currentRequest, isMachine, newId, type Viewer } from '@lyceum/service';
import type { Store } from '../store/store.ts';
import { noteActs } from './watched-acts.ts';

/** Who acts. */
export interface Actor {
  readonly kind: 'USER' | 'API_CLIENT' | 'VISITOR' | 'SYSTEM';
  readonly id: string | null;
  readonly sessionId: string | null;
}

/** Somebody who is not logged in (yet). */
export const visitor: Actor = { kind: 'VISITOR', id: null, sessionId: null };

/** Identity itself: at a start, on a schedule. */
export const system: Actor = { kind: 'SYSTEM', id: null, sessionId: null };

export const actorOf = (viewer: Viewer): Actor => ({
  kind: isMachine(viewer) ? 'API_CLIENT' : 'USER',
  id: viewer.userId,
  sessionId: viewer.sessionId,
});

/** An act on accounts, roles, keys or organisations, or one that was refused. */
export interface AuditEntry {
  readonly act: `${string}.${string}`;
  readonly by: Actor;
  /** Whose chain it belongs to; '' for what belongs to no organisation. */
  readonly organisationId: string;
  /** What it was done to: the id of a user, a session, a key ... */
  readonly subjectId: string | null;
  /** For whom somebody else acted. */
  readonly onBehalfOf?: string;
  /** Field to what it was and what it is now. Never a secret, nor a hash of one. */
  readonly changes?: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
  /** Why it was refused: the code of the failure. Absent: it was done. */
  readonly refused?: string;
}

/** What somebody who is logged in does to something of the organisation in which they act. */
export const actOn = (
  viewer: Viewer,
  act: AuditEntry['act'],
  subjectId: string,
  changes: NonNullable<AuditEntry['changes']> = {},
): AuditEntry => ({ act, by: actorOf(viewer), organisationId: viewer.organisationId, subjectId, changes });

/** An act as it is kept and exported. The order of the fields is part of what the hash covers. */
export interface AuditedAct {
  readonly id: string;
  readonly organisationId: string;
  readonly occurredAt: string;
  readonly act: string;
  readonly outcome: 'DONE' | 'REFUSED';
  readonly reason: string | null;
  readonly actor: Actor;
  readonly onBehalfOf: string | null;
  readonly subjectId: string | null;
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
  readonly client: { readonly address: string; readonly userAgent: string | null } | null;
  readonly requestId: string | null;
}

/**
 * Adds to the audit log, of one organisation or of several in the order of their ids, within the transaction of the change (OWASP ASVS 4.0.3, 7.1 and 7.2). Call it last: other
 * writers of the organisation wait for the end of the transaction from then on.
 */
export function recordActs(tx: Store, entries: readonly AuditEntry[]): Promise<void> {
  const occurredAt = new Date().toISOString();
  noteActs(entries.map(({ act }) => act));
  // Two who write to the same two logs would wait for each other.
  const ordered = [...entries].sort((one, other) =>
    one.organisationId === other.organisationId ? 0 : one.organisationId < other.organisationId ? -1 : 1,
  );
  return tx.auditEvents.append(ordered.map((entry) => JSON.stringify(actOf(entry, occurredAt))));
}

export const recordAct = (tx: Store, entry: AuditEntry): Promise<void> => recordActs(tx, [entry]);

function actOf(entry: AuditEntry, occurredAt: string): AuditedAct {
  const { act, by, organisationId, subjectId, onBehalfOf, changes = {}, refused } = entry;
  const request = currentRequest();
  const { client } = request ?? {};
  return {
    id: newId('audit'),
    organisationId,
    occurredAt,
    act,
    outcome: refused === undefined ? 'DONE' : 'REFUSED',
    reason: refused ?? null,
    actor: by,
    onBehalfOf: onBehalfOf ?? null,
    subjectId,
    changes,
    client: client ? { address: client.address, userAgent: client.userAgent ?? null } : null,
    requestId: request?.id ?? null,
  };
}

/** Of these fields those that differ, with what they were and what they are now. */
export function differences<Row>(
  before: Row,
  after: Row,
  fields: readonly (keyof Row & string)[],
): NonNullable<AuditEntry['changes']> {
  const changed = fields.filter((name) => before[name] !== after[name]);
  return Object.fromEntries(changed.map((name) => [name, [before[name], after[name]] as const]));
}
