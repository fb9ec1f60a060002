import type { ClickHouseClient } from '@clickhouse/client';
import { agentKey } from '@lyceum/xapi';
import { agentsOfStatement } from '@lyceum/xapi/query';
import { createDeletion } from './deletion.ts';
import type { Mutations } from './mutations.ts';
import { storedOf, type Person } from './person.ts';

/**
 * Takes a person out of what ingest copied from statements: what others reach by a reference (statement_references), and
 * names (agent_names). Statements come first, and whatever ingest began before that must have ended. For one process at a
 * time.
 */
export interface CopyEraser {
  /** Ends when no row is left that names the person. @throws UnavailableError */
  erase(person: Person, signal: AbortSignal): Promise<void>;
}

/** Of statements that are reached, gathered in memory at a time. */
const gatheredRows = 20_000;

/** Each takes so many; more than these are no person's. */
const mostPasses = 10_000;

const gathering = 'reference_erasure';

const ofOrganisation = 'organisation = {organisation:String}';
const until = `toDateTime64({until:String}, 6, 'UTC')`;

/** As comparableKey compares. */
const isTheirs = (key: string) =>
  `has({keys:Array(String)}, if(startsWith(lower(${key}), 'mailto:'), lowerUTF8(${key}), ${key}))`;

const named = `${ofOrganisation} AND ${isTheirs('agent')} AND stored <= ${until}`;

const reaching = `${ofOrganisation} AND target_stored <= ${until} AND arrayExists(key -> ${isTheirs('key')},
  arrayConcat(agents, related_agents, [toString(target_authority)]))`;

/** The targets as they are now, without the person. */
const gather = `INSERT INTO ${gathering}
  SELECT toString(id), ${agentsOfStatement}, related_agents, authority FROM statements
  WHERE ${ofOrganisation} AND (stored, id) IN (
    SELECT DISTINCT target_stored, target FROM statement_references WHERE ${reaching}
    LIMIT ${String(gatheredRows)})`;

export function createCopyEraser(clickHouse: ClickHouseClient, mutations: Mutations): CopyEraser {
  const { hasRows, deleteRows } = createDeletion(clickHouse);

  /** Whether there was something to rewrite. */
  async function pass(parameters: Record<string, unknown>, signal: AbortSignal): Promise<boolean> {
    await mutations.untilDone(signal);
    await mutations.command(`TRUNCATE TABLE ${gathering}`);
    await mutations.command(gather, parameters);
    if (!(await hasRows(gathering, 'true', {}))) return false;
    const { name, literal } = await mutations.tableOf(gathering);
    const put = (column: string, from: string) =>
      `${column} = joinGet(${literal}, '${from}', toString(target))`;
    await mutations.command(
      `ALTER TABLE statement_references UPDATE ${put('agents', 'agents')},
         ${put('related_agents', 'related_agents')}, ${put('target_authority', 'authority')}
       WHERE ${ofOrganisation} AND toString(target) IN (SELECT id FROM ${name})`,
      parameters,
    );
    await mutations.untilDone(signal);
    await mutations.command(`TRUNCATE TABLE ${gathering}`);
    return true;
  }

  return {
    async erase({ organisationId, pseudonym, keys, until: instant }, signal) {
      const own = agentKey({ account: pseudonym });
      const parameters = { organisation: organisationId, until: storedOf(instant) };
      await deleteRows('agent_names', named, { ...parameters, keys });
      // The pseudonym stays, so that what was rewritten is not found again.
      const others = keys.filter((key) => key !== own);
      for (let passes = 0; await pass({ ...parameters, keys: others }, signal); passes += 1)
        if (passes === mostPasses) throw new Error('what is reached by references does not come to rest');
    },
  };
}
