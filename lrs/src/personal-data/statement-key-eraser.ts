import type { ClickHouseClient } from '@lyceum/clickhouse';
import { agentKey } from '@lyceum/xapi';
import { agentHash, isOfAgents } from '@lyceum/xapi/query';
import { clickHouseFailure } from '../query/unavailable-error.ts';
import { createDeletion } from './deletion.ts';
import { storedOf, type Person } from './person.ts';

/**
 * Takes a person out of statement_keys: what their keys led to is led to by the pseudonym, and then no longer by them.
 * Statements come first. For one process at a time; cut off, it begins anew.
 */
export interface StatementKeyEraser {
  /** Ends when no row is left under a key of theirs but for what somebody has stored since. @throws UnavailableError */
  erase(person: Person): Promise<void>;
}

const underTheirKeys = `organisation = {organisation:String} AND ${isOfAgents('keys')}
  AND stored <= toDateTime64({until:String}, 6, 'UTC')`;

/** Where they are no longer named, the pseudonym is; a row that leads to nothing does no harm. */
const underPseudonym = `INSERT INTO statement_keys
  SELECT organisation, ${agentHash('{pseudonym:String}')}, stored, verb, direct, 0, size, imported FROM statement_keys
  WHERE ${underTheirKeys}`;

export function createStatementKeyEraser(clickHouse: ClickHouseClient): StatementKeyEraser {
  const { hasRows, deleteRows } = createDeletion(clickHouse);

  async function insertUnderPseudonym(query_params: Record<string, unknown>): Promise<void> {
    try {
      await clickHouse.command({
        query: underPseudonym,
        query_params,
        clickhouse_settings: { insert_deduplicate: 0, log_queries: 0 },
      });
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  return {
    async erase({ organisationId, pseudonym, keys, until }) {
      const own = agentKey({ account: pseudonym }) ?? '';
      const parameters = {
        organisation: organisationId,
        pseudonym: own,
        keys: keys.filter((key) => key !== own),
        until: storedOf(until),
      };
      if (!(await hasRows('statement_keys', underTheirKeys, parameters))) return;
      await insertUnderPseudonym(parameters);
      await deleteRows('statement_keys', underTheirKeys, parameters);
    },
  };
}
