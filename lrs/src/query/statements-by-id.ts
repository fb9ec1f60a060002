import type { ClickHouseClient } from '@clickhouse/client';
import { isUuid } from '@lyceum/xapi';
import type { FoundStatement } from './select-statements.ts';
import { clickHouseFailure } from './unavailable-error.ts';

/** Those of an organisation's statements that have these ids. Throws UnavailableError. */
export type SelectByIds = (organisationId: string, ids: readonly string[]) => Promise<FoundStatement[]>;

/** Ids of one query, whose statements are read whole. */
const idsAtOnce = 1_000;

/** First through the projection by_id, which has few columns; then the rows by their sorting key. */
const query = `WITH found AS (SELECT stored, id FROM statements WHERE organisation = {organisation:String}
    AND id IN (SELECT arrayJoin({ids:Array(UUID)})))
  SELECT toString(stored), toString(id), statement FROM statements
  WHERE organisation = {organisation:String} AND (stored, id) IN found`;

export function createSelectByIds(clickHouse: ClickHouseClient): SelectByIds {
  async function select(organisation: string, ids: readonly string[]): Promise<FoundStatement[]> {
    try {
      const query_params = { organisation, ids };
      const answer = await clickHouse.query({ query, query_params, format: 'TabSeparatedRaw' });
      const rows = (await answer.text()).split('\n').slice(0, -1);
      return rows.map((row) => {
        const [stored = '', id = '', text = ''] = row.split('\t');
        return { stored, id, text };
      });
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  return async (organisationId, ids) => {
    const wanted = ids.filter(isUuid);
    const found: FoundStatement[] = [];
    for (let start = 0; start < wanted.length; start += idsAtOnce) {
      found.push(...(await select(organisationId, wanted.slice(start, start + idsAtOnce))));
    }
    return found;
  };
}
