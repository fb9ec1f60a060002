import type { Connection } from './store.ts';

/** A request that wants the ids of its statements, in their order. */
export interface ClaimingRequest {
  /** A UUID. */
  readonly request: string;
  readonly organisationId: string;
  readonly ids: readonly string[];
}

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
 * it has LAPSED, and ingest leaves its record out, should it ever come. Neither changes any more.
 */
export function statementClaimStore(db: Connection) {
  return {
    /** Takes those ids that nobody has. Answers how many each request got: fewer than it wants is for it to release. */
    insert: async (requests: readonly ClaimingRequest[]): Promise<ReadonlyMap<string, number>> => {
      const rows = requests.flatMap(({ request, organisationId, ids }) =>
        ids.map((id, place) => ({ request, organisationId, id, place })),
      );
      const taken = await db.$queryRawUnsafe<{ request: string; count: number }[]>(
        insertClaims,
        requests.map(({ request }) => request),
        requests.map(({ organisationId }) => organisationId),
        rows.map(({ organisationId }) => organisationId),
        rows.map(({ id }) => id),
        rows.map(({ request }) => request),
        rows.map(({ place }) => place),
      );
      return new Map(taken.map(({ request, count }) => [request, count]));
    },

    selectHolders: async (organisationId: string, ids: readonly string[]): Promise<IdHolder[]> => {
      const holders = await db.$queryRaw<(IdHolder & { ageMs: number })[]>`
        SELECT i.id::text, i.request::text, i.place, r.state, r.value,
          coalesce(extract(epoch FROM clock_timestamp() - r.claimed_at) * 1000, 0)::float8 AS "ageMs"
        FROM statement_id i LEFT JOIN statement_request r ON r.id = i.request
        WHERE i.organisation_id = ${organisationId} AND i.id = ANY (${[...ids]}::text[]::uuid[])`;
      return holders;
    },

    /** The record is on the log; ingest may have said so already. @returns false where the request had lapsed */
    updateConfirmed: async (request: string, value: Uint8Array): Promise<boolean> => {
      const confirmed = await db.$executeRaw`
        UPDATE statement_request SET state = 'CONFIRMED', value = ${value}
        WHERE id = ${request}::uuid AND state <> 'LAPSED'`;
      if (confirmed === 1) return true;
      const lapsed = await db.$queryRaw<unknown[]>`
        SELECT 1 FROM statement_request WHERE id = ${request}::uuid AND state = 'LAPSED'`;
      return lapsed.length === 0;
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

/** In order of the key, so that two that want the same ids wait for each other and never both. */
const insertClaims = `
  WITH request AS (
    INSERT INTO statement_request (id, organisation_id)
    SELECT id, organisation_id FROM unnest($1::text[]::uuid[], $2::text[]) AS wanted (id, organisation_id)),
  taken AS (
    INSERT INTO statement_id (organisation_id, id, request, place)
    SELECT organisation_id, id, request, place
    FROM unnest($3::text[], $4::text[]::uuid[], $5::text[]::uuid[], $6::int[])
      AS wanted (organisation_id, id, request, place)
    ORDER BY organisation_id, id, request
    ON CONFLICT DO NOTHING
    RETURNING request)
  SELECT request::text, count(*)::int AS count FROM taken GROUP BY request`;
