import { eventually } from '@lyceum/testing';
import type { Ledger } from '../load/ledger.ts';
import { chaosActivity } from '../load/statement.ts';
import type { Send } from '../load/xapi.ts';
import type { Random } from '../random.ts';
import { readDocuments, readOneByOne } from './check-one-by-one.ts';
import { compareStatements } from './compare-statements.ts';
import { listStatements, queryClickHouse, selectStatements } from './found-statements.ts';

/** What is there in the end. */
export interface Checked {
  readonly faults: readonly string[];
  readonly inClickHouse: number;
  readonly listed: number;
  readonly readById: number;
}

/** Holds what was promised against what is there, in every way that it can be read. */
export async function checkAll(o: {
  send: Send;
  ledger: Ledger;
  random: Random;
  clickHouseUrl: string;
}): Promise<Checked> {
  const { send, ledger, random, clickHouseUrl } = o;
  await untilConsistent(send, new Date());
  const listed = await listStatements(send);
  const stored = await selectStatements(clickHouseUrl);
  const oneByOne = await readOneByOne(send, ledger, random);
  return {
    faults: [
      ...compareStatements(listed, ledger, { where: 'the list', withVoided: false }),
      ...compareStatements(stored, ledger, { where: 'ClickHouse', withVoided: true }),
      ...oneByOne.faults,
      ...(await readDocuments(send, ledger)),
      ...(await compareCounts(clickHouseUrl)),
    ],
    inClickHouse: stored.length,
    listed: listed.length,
    readById: oneByOne.read,
  };
}

/** Until the store says itself that all up to an instant can be read. */
async function untilConsistent(send: Send, instant: Date): Promise<void> {
  await eventually(
    async () => {
      const reply = await send('GET', '/xapi/statements?limit=1');
      const through = reply?.headers.get('x-experience-api-consistent-through') ?? '';
      if (!(Date.parse(through) >= instant.getTime()))
        throw new Error(`Consistent-Through is ${through}, and does not come to ${instant.toISOString()}`);
    },
    { timeoutMs: 120_000, pauseMs: 200 },
  );
}

/** The roll-up counts each statement once. */
async function compareCounts(clickHouseUrl: string): Promise<string[]> {
  const [counts] = await queryClickHouse<{ rows: number; counted: number }>(
    clickHouseUrl,
    `SELECT toUInt32(count()) AS rows, (SELECT toUInt32(sum(statements)) FROM activity_minutes
       WHERE activity = '${chaosActivity}') AS counted
     FROM statements WHERE activity = '${chaosActivity}'`,
  );
  if (counts?.rows === counts?.counted) return [];
  return [`the roll-up counts ${counts?.counted ?? 0} of ${counts?.rows ?? 0} statements`];
}
