import type { ClickHouseClient } from '@lyceum/clickhouse';
import type { AttachmentUse } from '../store/attachments.ts';
import { clickHouseFailure } from '../query/unavailable-error.ts';

/**
 * Of these uses, those whose statement is in ClickHouse and has the hash in its text: texts are looked through there, and
 * none is sent.
 *
 * @throws UnavailableError
 */
export type SelectNamed = (
  organisationId: string,
  uses: readonly AttachmentUse[],
) => Promise<readonly AttachmentUse[]>;

export function createSelectNamed(clickHouse: ClickHouseClient): SelectNamed {
  const ofIds = 'organisation = {organisation:String} AND id IN {ids:Array(UUID)}';
  const query = `SELECT toString(id), arrayFilter(hash -> position(lower(statement), hash) > 0, {hashes:Array(String)})
    FROM statements WHERE ${ofIds} AND stored IN (SELECT stored FROM statements WHERE ${ofIds})`;
  return async (organisation, uses) => {
    const ids = [...new Set(uses.map(({ statementId }) => statementId))];
    const hashes = [...new Set(uses.map(({ sha2 }) => sha2))];
    try {
      const answer = await clickHouse.query({
        query,
        query_params: { organisation, ids, hashes },
        format: 'JSONCompactEachRow',
      });
      const rows = await answer.json<[id: string, hashes: string[]]>();
      const named = new Map(rows.map(([id, found]) => [id, new Set(found)]));
      return uses.filter(({ statementId, sha2 }) => named.get(statementId)?.has(sha2));
    } catch (error) {
      throw clickHouseFailure(error);
    }
  };
}
