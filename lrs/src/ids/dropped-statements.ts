import type { ClickHouseClient } from '@lyceum/clickhouse';
import { isUuid, type Statement } from '@lyceum/xapi';
import type { FoundStatement } from '../query/select-statements.ts';
import { instantOfStored } from '../query/stored.ts';
import { clickHouseFailure } from '../query/unavailable-error.ts';
import { leastAgeMs } from '../retention/least-age.ts';
import type { StatementDigests } from '../retention/statement-digests.ts';

/** A statement that a retention dropped: its id is taken, its text is gone. */
export interface DroppedStatement {
  readonly id: string;
  /** As in FoundStatement. */
  readonly stored: string;
  /** Whether a statement that comes again is the one that was dropped. */
  isSame(sent: Statement): boolean;
}

/**
 * Those of these ids whose statements were dropped. Ask for statements first: what is there counts, also if it is about to
 * be dropped. Throws UnavailableError.
 */
export type SelectDropped = (organisationId: string, ids: readonly string[]) => Promise<DroppedStatement[]>;

const idsAtOnce = 1_000;

/** Noted twice, the later row counts: the former may be of a text that an erasure has rewritten. */
const query = `SELECT toString(id), toString(any(stored)), toString(argMax(digest, dropped)), toString(argMax(timed, dropped))
  FROM dropped_statements
  WHERE organisation = {organisation:String} AND id IN (SELECT arrayJoin({ids:Array(UUID)}))
  GROUP BY id`;

export function createSelectDropped(clickHouse: ClickHouseClient, digests: StatementDigests): SelectDropped {
  async function select(organisation: string, ids: readonly string[]): Promise<DroppedStatement[]> {
    try {
      const query_params = { organisation, ids };
      const answer = await clickHouse.query({ query, query_params, format: 'TabSeparatedRaw' });
      const rows = (await answer.text()).split('\n').slice(0, -1);
      return rows.map((row) => {
        const [id = '', stored = '', digest = '', timed = ''] = row.split('\t');
        return { id, stored, isSame: (sent) => digests.isSame(id, sent, { digest, timed }) };
      });
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  return async (organisationId, ids) => {
    const wanted = ids.filter(isUuid);
    const found: DroppedStatement[] = [];
    for (let start = 0; start < wanted.length; start += idsAtOnce)
      found.push(...(await select(organisationId, wanted.slice(start, start + idsAtOnce))));
    return found;
  };
}

/**
 * A statement that the log still has, unless it was dropped since: an import may bring what is old, and the log keeps that for
 * days. What was stored lately needs no look, and is there also while ClickHouse is not.
 */
export async function unlessDropped(
  organisationId: string,
  found: FoundStatement,
  selectDropped: SelectDropped,
): Promise<FoundStatement | null> {
  if (!mayBeDropped(found)) return found;
  return (await selectDropped(organisationId, [found.id])).length > 0 ? null : found;
}

/** Whether it was stored long enough ago. */
export function mayBeDropped({ stored }: Pick<FoundStatement, 'stored'>): boolean {
  return Date.now() - instantOfStored(stored).getTime() >= leastAgeMs;
}
