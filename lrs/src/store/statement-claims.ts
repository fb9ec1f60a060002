import type { Connection } from './store.ts';

/** Who has an id. */
export interface IdHolder {
  readonly id: string;
  readonly request: string;
  /** Which of the request's statements. */
  readonly place: number;
  /** Null where ClickHouse has the statement, and the request is forgotten. */
  readonly state: 'OPEN' | 'CONFIRMED' | 'LAPSED' | null;
  /** How long ago the request took it, by PostgreSQL's clock. */
  readonly ageMs: number;
  /** Of the record, while ClickHouse may not have it. */
  readonly value: Uint8Array | null;
}

/**
 * Ids of statements, and the requests that took them (docs/decisions/0022-statement-ids.md). A request is OPEN until the
 * log has its record. From then on it is CONFIRMED, by the receiver before it answers, or by ingest before it writes; or
 * it has LAPSED, and ingest leaves its record out, should it ever come. Neither changes any more. What each request writes
 * itself is in claim-writes.ts.
 */
export function statementClaimStore(db: Connection) {
  return {
    selectHolders: async (organisationId: string, ids: readonly string[]): Promise<IdHolder[]> => {
      const holders = await db.$queryRaw<(IdHolder & { ageMs: number })[]>`
        SELECT i.id::text, i.request::text, i.place, r.state, r.value,
          coalesce(extract(epoch FROM clock_timestamp() - r.claimed_at) * 1000, 0)::float8 AS "ageMs"
        FROM statement_id i LEFT JOIN statement_request r ON r.id = i.request
        WHERE i.organisation_id = ${organisationId} AND i.id = ANY (${[...ids]}::text[]::uuid[])`;
      return holders;
    },

    /** From here on nobody can confirm it, and its ids are free. Does nothing where it is confirmed. */
    updateLapsed: (requests: readonly string[]) => db.$executeRaw`
      UPDATE statement_request SET state = 'LAPSED'
      WHERE id = ANY (${[...requests]}::text[]::uuid[]) AND state = 'OPEN'`,

    /** A request that was never appended. */
    delete: (organisationId: string, request: string, ids: readonly string[]) => db.$executeRaw`
      WITH released AS (DELETE FROM statement_id WHERE organisation_id = ${organisationId}
        AND id = ANY (${[...ids]}::text[]::uuid[]) AND request = ${request}::uuid)
      DELETE FROM statement_request WHERE id = ${request}::uuid`,

    /** Frees ids that these holders have. */
    deleteIds: (organisationId: string, holders: readonly IdHolder[]) => db.$executeRaw`
      DELETE FROM statement_id i
      USING unnest(${holders.map(({ id }) => id)}::text[]::uuid[], ${holders.map(({ request }) => request)}::text[]::uuid[])
        AS held (id, request)
      WHERE i.organisation_id = ${organisationId} AND i.id = held.id AND i.request = held.request`,

    /** For ingest: confirms requests whose records the log brought. @returns those of them that had lapsed */
    confirmRead: async (requests: readonly string[]): Promise<ReadonlySet<string>> => {
      const ids = [...requests];
      await db.$executeRaw`UPDATE statement_request SET state = 'CONFIRMED'
        WHERE id = ANY (${ids}::text[]::uuid[]) AND state = 'OPEN'`;
      const lapsed = await db.$queryRaw<{ id: string }[]>`SELECT id::text FROM statement_request
        WHERE id = ANY (${ids}::text[]::uuid[]) AND state = 'LAPSED'`;
      return new Set(lapsed.map(({ id }) => id));
    },

    /**
     * For ingest: those of these requests that took their ids before all that ClickHouse had before were taken. Both times
     * are PostgreSQL's own.
     */
    selectUnsure: async (requests: readonly string[]): Promise<ReadonlySet<string>> => {
      const unsure = await db.$queryRaw<{ id: string }[]>`
        SELECT wanted AS id FROM unnest(${[...requests]}::text[]) AS wanted
        WHERE NOT EXISTS (SELECT 1 FROM statement_request own, statement_request filled
          WHERE own.id = wanted::uuid AND filled.id = ${filled}::uuid AND own.claimed_at > filled.claimed_at)`;
      return new Set(unsure.map(({ id }) => id));
    },

    /** For ingest: ClickHouse has what these requests brought. */
    deleteWritten: (requests: readonly string[]) => db.$executeRaw`
      DELETE FROM statement_request WHERE id = ANY (${[...requests]}::text[]::uuid[]) AND state = 'CONFIRMED'`,

    /** For ingest: ids of statements that no receiver took, which are in ClickHouse. */
    insertWritten: (organisationId: string, ids: readonly string[]) => db.$executeRaw`
      INSERT INTO statement_id (organisation_id, id, request, place)
      SELECT ${organisationId}, id, ${nobody}::uuid, 0 FROM unnest(${[...ids]}::text[]::uuid[]) AS id ORDER BY id
      ON CONFLICT DO NOTHING`,

    /** Whether all ids that ClickHouse had before there was this table are in it. */
    isFilled: async (): Promise<boolean> =>
      (await db.statementRequest.findUnique({ where: { id: filled }, select: { id: true } })) !== null,
    insertFilled: () =>
      db.statementRequest.createMany({
        data: [{ id: filled, organisationId: '', state: 'CONFIRMED' }],
        skipDuplicates: true,
      }),

    /** An erasure: ClickHouse has all that an organisation's requests had brought by then. The column is rounded. */
    deleteValues: (organisationId: string, until: Date) => db.$executeRaw`
      UPDATE statement_request SET value = NULL
      WHERE organisation_id = ${organisationId} AND value IS NOT NULL
        AND claimed_at <= ${until}::timestamptz + interval '1 millisecond'`,

    /** What nobody came back for, and what the log can't bring any more. */
    prune: async (): Promise<void> => {
      await db.$executeRaw`UPDATE statement_request SET state = 'LAPSED'
        WHERE state = 'OPEN' AND claimed_at < now() - interval '1 hour'`;
      await db.$executeRaw`DELETE FROM statement_request
        WHERE state = 'LAPSED' AND claimed_at < now() - interval '90 days'`;
    },
  };
}

/** The request of ids that ingest took. */
const nobody = '00000000-0000-0000-0000-000000000000';

/** A request that is none: that it is there says that all old ids were taken. */
const filled = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
