import type { Query } from '@lyceum/postgres';

/** A request that wants the ids of its statements, in their order. */
export interface ClaimingRequest {
  /** A UUID. */
  readonly request: string;
  readonly organisationId: string;
  readonly ids: readonly string[];
}

/** A request whose record the log has. */
export interface ConfirmedRequest {
  readonly request: string;
  /** Of the record. */
  readonly value: Buffer;
}

/**
 * What each request writes of its ids (statement-claims.ts has the rest): past Prisma, which turns values into text and
 * back.
 */
export function claimWrites(query: Query) {
  return {
    /** Takes those ids that nobody has. Answers how many each request got: fewer than it wants is for it to release. */
    insert: async (requests: readonly ClaimingRequest[]): Promise<ReadonlyMap<string, number>> => {
      const { rows } = await query(insertClaims, [
        requests.map(({ request }) => request),
        requests.map(({ organisationId }) => organisationId),
        requests.map(({ ids }) => ids.join(',')),
      ]);
      return new Map((rows as TakenRow[]).map(({ request, count }) => [request, count]));
    },

    /** Their records are on the log; ingest may have said so already. @returns those that had lapsed */
    updateConfirmed: async (requests: readonly ConfirmedRequest[]): Promise<ReadonlySet<string>> => {
      const places = requests.map((_, index) => `($${index * 2 + 1}::uuid, $${index * 2 + 2}::bytea)`);
      const { rows } = await query(
        `UPDATE statement_request r SET state = 'CONFIRMED', value = confirmed.value
          FROM (VALUES ${places.join(', ')}) AS confirmed (id, value)
          WHERE r.id = confirmed.id AND r.state <> 'LAPSED' RETURNING r.id::text`,
        requests.flatMap(({ request, value }) => [request, value]),
      );
      if (rows.length === requests.length) return new Set();
      // The others have lapsed, or are with ingest already, which forgets what ClickHouse has.
      const lapsed = await query(
        `SELECT id::text FROM statement_request WHERE id = ANY ($1::uuid[]) AND state = 'LAPSED'`,
        [requests.map(({ request }) => request)],
      );
      return new Set((lapsed.rows as { id: string }[]).map(({ id }) => id));
    },
  };
}

interface TakenRow {
  readonly request: string;
  readonly count: number;
}

/** In order of the key, so that two that want the same ids wait for each other and never both. */
const insertClaims = `
  WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) AS wanted (request, organisation_id, ids)),
  request AS (
    INSERT INTO statement_request (id, organisation_id) SELECT request, organisation_id FROM wanted),
  taken AS (
    INSERT INTO statement_id (organisation_id, id, request, place)
    SELECT organisation_id, each.id::uuid, request, each.place - 1
    FROM wanted, unnest(string_to_array(ids, ',')) WITH ORDINALITY AS each (id, place)
    ORDER BY organisation_id, each.id::uuid, request
    ON CONFLICT DO NOTHING
    RETURNING request)
  SELECT request::text, count(*)::int AS count FROM taken GROUP BY request`;
