import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@lyceum/clickhouse';
import type { Statement } from '@lyceum/xapi';
import type { FoundStatement } from '../query/select-statements.ts';
import { clickHouseFailure } from '../query/unavailable-error.ts';
import type { StatementDigests } from './statement-digests.ts';

/** The statements of a run, in one month of `stored`: what is deleted with one rewriting of the month's parts. */
export interface DroppedPiece {
  readonly organisationId: string;
  readonly jobId: string;
  /** `2026-11` */
  readonly month: string;
  /** `stored` of the first and the last, as in StatementPlace. */
  readonly first: string;
  readonly last: string;
}

/** The table of what was dropped (migration 0030). All throw UnavailableError. */
export interface DropNotes {
  /** Notes statements that are about to go, all at once. The same again is the same. How many, and which was the last. */
  insert(
    job: { organisationId: string; jobId: string },
    statements: AsyncIterable<readonly FoundStatement[]>,
  ): Promise<{ count: number; last: FoundStatement | undefined }>;
  /** The ids of a piece, some behind one of them, in their order. */
  selectIds(piece: DroppedPiece, after: string | undefined, limit: number): Promise<string[]>;
}

const columns: [string, ...string[]] = ['organisation', 'id', 'stored', 'digest', 'timed', 'job', 'dropped'];

export function createDropNotes(clickHouse: ClickHouseClient, digests: StatementDigests): DropNotes {
  return {
    async insert({ organisationId, jobId }, statements) {
      const noted = `${jobId}\t${String(Math.floor(Date.now() / 1000))}\n`;
      const rows: string[] = [];
      let last: FoundStatement | undefined;
      for await (const found of statements) {
        for (const { id, stored, text } of found) {
          const { digest, timed } = digests.of(id, JSON.parse(text) as Statement);
          rows.push(`${organisationId}\t${id}\t${stored}\t${digest}\t${timed}\t${noted}`);
        }
        last = found.at(-1) ?? last;
      }
      if (rows.length === 0) return { count: 0, last };
      try {
        await clickHouse.insert({
          table: 'dropped_statements',
          columns,
          values: Readable.from([Buffer.from(rows.join(''))], { objectMode: false }),
          format: 'TabSeparated',
          clickhouse_settings: { async_insert: 0 },
        });
        return { count: rows.length, last };
      } catch (error) {
        throw clickHouseFailure(error);
      }
    },

    async selectIds(piece, after, limit) {
      const query = `SELECT DISTINCT toString(id) FROM dropped_statements WHERE ${ofPiece}
        ${after === undefined ? '' : 'AND id > toUUID({after:String})'} ORDER BY dropped_statements.id LIMIT ${String(limit)}`;
      try {
        const query_params = { ...parametersOf(piece), after };
        const answer = await clickHouse.query({ query, query_params, format: 'TabSeparatedRaw' });
        return (await answer.text()).split('\n').slice(0, -1);
      } catch (error) {
        throw clickHouseFailure(error);
      }
    },
  };
}

/** The rows of a piece, in `dropped_statements`. */
export const ofPiece = `organisation = {organisation:String} AND job = {job:String}
  AND stored BETWEEN toDateTime64({first:String}, 6, 'UTC') AND toDateTime64({last:String}, 6, 'UTC')`;

export const parametersOf = ({ organisationId, jobId, first, last }: DroppedPiece) => ({
  organisation: organisationId,
  job: jobId,
  first,
  last,
});
