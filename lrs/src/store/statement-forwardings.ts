import type { EventData } from '@lyceum/events';
import type { StatementPlace } from '@lyceum/xapi/query';
import type { Prisma, StatementForwarding as ForwardingRow } from './generated/client.ts';
import type { Connection } from './store.ts';

/** How an organisation wants statements forwarded. */
export type ForwardingSetup = EventData['statement-forwarding.updated']['forwarding'];
export type ForwardingState = EventData['statement-forwarding.progressed']['state'];

/** Statements on their way to another store: what is wanted, and how far it is. */
export interface StatementForwarding extends Omit<ForwardingRow, 'setup'> {
  readonly setup: ForwardingSetup;
}

/** Where a forwarding begins, and whose place it has. */
export interface Worker {
  readonly id: string;
  readonly worker: string;
}

/** What a try that failed leaves. */
export interface ForwardingFailure {
  readonly failure: string;
  readonly stopped: boolean;
  readonly attempts: number;
  readonly pauseMs: number;
}

/** Behind every statement of its instant. */
export const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export function statementForwardingStore(db: Connection) {
  return {
    selectOptional: async (id: string): Promise<StatementForwarding | null> => {
      const row = await db.statementForwarding.findUnique({ where: { id } });
      return row && forwardingOf(row);
    },

    /** Takes in what is wanted, where that is newer than what is known: then it is tried at once, whatever failed before. */
    upsert: async (setup: ForwardingSetup, from: string): Promise<void> => {
      const { id, organisationId, revision, enabled } = setup;
      await db.$executeRaw`
        INSERT INTO statement_forwarding
          (id, organisation_id, setup, setup_revision, enabled, cursor_stored, cursor_id, reading_through)
        VALUES (${id}, ${organisationId}, ${setup}::jsonb, ${revision}, ${enabled}, ${from}, ${lastId}, ${from})
        ON CONFLICT (id) DO UPDATE SET setup = EXCLUDED.setup, setup_revision = EXCLUDED.setup_revision,
          enabled = EXCLUDED.enabled, attempts = 0, failure = NULL, failing_since = NULL, stopped = false, next_at = now()
        WHERE statement_forwarding.setup_revision < EXCLUDED.setup_revision AND statement_forwarding.deleted_at IS NULL`;
    },

    /** Also one that was never heard of: what it was told to do may come after. */
    delete: async (organisationId: string, id: string): Promise<void> => {
      await db.$executeRaw`
        INSERT INTO statement_forwarding
          (id, organisation_id, setup, setup_revision, enabled, cursor_stored, cursor_id, reading_through, deleted_at)
        VALUES (${id}, ${organisationId}, '{}', 0, false, '', '', '', now())
        ON CONFLICT (id) DO UPDATE SET setup = '{}', enabled = false, deleted_at = now(), failure = NULL
        WHERE statement_forwarding.deleted_at IS NULL`;
      await db.statementForwardingLate.deleteMany({ where: { forwardingId: id } });
    },

    /** Takes one that is due and that nobody is at, for a while. */
    lease: async (worker: string, leaseMs: number): Promise<StatementForwarding | undefined> => {
      const [row] = await db.$queryRaw<{ id: string }[]>`
        UPDATE statement_forwarding SET worker = ${worker}, leased_until = now() + ${leaseMs}::int * interval '1 ms'
        WHERE id = (
          SELECT id FROM statement_forwarding
          WHERE enabled AND NOT stopped AND deleted_at IS NULL AND next_at <= now()
            AND (leased_until IS NULL OR leased_until < now())
          ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id`;
      return row && forwardingOf(await db.statementForwarding.findUniqueOrThrow({ where: { id: row.id } }));
    },

    /** How it is wanted now, where the worker still has it and is to go on; else undefined, and nothing may be sent. */
    updateLease: async (
      { id, worker }: Worker,
      leaseMs: number,
    ): Promise<StatementForwarding | undefined> => {
      const [row] = await db.$queryRaw<{ id: string }[]>`
        UPDATE statement_forwarding SET leased_until = now() + ${leaseMs}::int * interval '1 ms'
        WHERE id = ${id} AND worker = ${worker} AND enabled AND NOT stopped AND deleted_at IS NULL RETURNING id`;
      return row && forwardingOf(await db.statementForwarding.findUniqueOrThrow({ where: { id } }));
    },

    /** Gives it back until a pause is over. */
    updateGivenBack: ({ id, worker }: Worker, pauseMs: number) => db.$executeRaw`
      UPDATE statement_forwarding SET worker = NULL, leased_until = NULL,
        next_at = CASE WHEN stopped THEN next_at ELSE greatest(next_at, now() + ${pauseMs}::int * interval '1 ms') END
      WHERE id = ${id} AND worker = ${worker}`,

    /** Says how far will be read, before it is: what comes behind that later is noted by ingest (late-statements.ts). */
    updateReadingThrough: async ({ id, worker }: Worker, through: string): Promise<boolean> => {
      const changed = await db.$executeRaw`
        UPDATE statement_forwarding SET reading_through = greatest(reading_through, ${through} COLLATE "C")
        WHERE id = ${id} AND worker = ${worker} AND enabled AND deleted_at IS NULL`;
      return changed === 1;
    },

    /** What was sent, where the worker still has it. It stands, whatever somebody has changed meanwhile. */
    updateSent: async (
      { id, worker }: Worker,
      { place, sent, refused }: { place?: StatementPlace | undefined; sent: number; refused: number },
    ): Promise<StatementForwarding | undefined> => {
      const [row] = await db.statementForwarding.updateManyAndReturn({
        where: { id, worker, deletedAt: null },
        data: {
          ...(place && { cursorStored: place.stored, cursorId: place.id }),
          sent: { increment: sent },
          refused: { increment: refused },
          ...(sent + refused > 0 && { lastSuccessAt: new Date() }),
          ...{ attempts: 0, failure: null, failingSince: null },
        },
      });
      return row && forwardingOf(row);
    },

    /** What failed, where the worker still has it and it is still wanted so. */
    updateFailed: async (
      { id, worker, setupRevision }: Worker & { setupRevision: number },
      { failure, stopped, attempts, pauseMs }: ForwardingFailure,
    ): Promise<StatementForwarding | undefined> => {
      const [row] = await db.$queryRaw<{ id: string }[]>`
        UPDATE statement_forwarding SET failure = ${failure}, stopped = ${stopped}, attempts = ${attempts},
          failing_since = coalesce(failing_since, now()), next_at = now() + ${pauseMs}::int * interval '1 ms'
        WHERE id = ${id} AND worker = ${worker} AND setup_revision = ${setupRevision} AND enabled AND deleted_at IS NULL
        RETURNING id`;
      return row && forwardingOf(await db.statementForwarding.findUniqueOrThrow({ where: { id } }));
    },

    /** The next number under which records is told of it. */
    updateTold: async (id: string): Promise<StatementForwarding> =>
      forwardingOf(
        await db.statementForwarding.update({
          where: { id },
          data: { told: { increment: 1 }, toldAt: new Date() },
        }),
      ),

    /** Takes those of which records was told nothing for so long: whoever else looks finds them told. */
    takeManyUntold: async (silenceMs: number, limit: number): Promise<string[]> => {
      const rows = await db.$queryRaw<{ id: string }[]>`
        UPDATE statement_forwarding SET told_at = now() WHERE id IN (
          SELECT id FROM statement_forwarding
          WHERE enabled AND deleted_at IS NULL AND told_at < now() - ${silenceMs}::int * interval '1 ms'
          ORDER BY told_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING id`;
      return rows.map(({ id }) => id);
    },

    /** Which of these organisations' forwardings have looked as far as a time, and how far. */
    selectReading: (organisationIds: readonly string[], stored: string) =>
      db.$queryRaw<{ id: string; organisationId: string; since: string; through: string }[]>`
        SELECT id, organisation_id AS "organisationId", setup ->> 'since' AS since, reading_through AS through
        FROM statement_forwarding
        WHERE organisation_id = ANY(${[...organisationIds]}::text[]) AND deleted_at IS NULL AND reading_through >= ${stored}`,

    insertLate: (rows: readonly { forwardingId: string; stored: string; statementId: string }[]) =>
      db.statementForwardingLate.createMany({ data: [...rows], skipDuplicates: true }),

    selectLate: async (forwardingId: string, limit: number): Promise<StatementPlace[]> => {
      const where = { forwardingId };
      const orderBy = [
        { stored: 'asc' },
        { statementId: 'asc' },
      ] as Prisma.StatementForwardingLateOrderByWithRelationInput[];
      const rows = await db.statementForwardingLate.findMany({ where, orderBy, take: limit });
      return rows.map(({ stored, statementId: id }) => ({ stored, id }));
    },

    deleteLate: (forwardingId: string, places: readonly StatementPlace[]) =>
      db.statementForwardingLate.deleteMany({
        where: { forwardingId, statementId: { in: places.map(({ id }) => id) } },
      }),

    /** How many of an organisation's forwardings have ever sent something, those that were deleted too. */
    countThatSent: (organisationId: string) =>
      db.statementForwarding.count({ where: { organisationId, sent: { gt: 0 } } }),
  };
}

export function forwardingOf({ setup, ...row }: ForwardingRow): StatementForwarding {
  return { ...row, setup: setup as unknown as ForwardingSetup };
}

/** How it stands. Whoever takes nothing for longer than `patienceMs` fails; before that it may be a passing thing. */
export function stateOf(
  { enabled, stopped, failingSince }: StatementForwarding,
  patienceMs: number,
  now = Date.now(),
): ForwardingState {
  if (!enabled) return 'PAUSED';
  if (failingSince === null) return 'RUNNING';
  return stopped || now - failingSince.getTime() >= patienceMs ? 'FAILING' : 'WAITING';
}
