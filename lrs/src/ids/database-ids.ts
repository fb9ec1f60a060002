import { setTimeout as delay } from 'node:timers/promises';
import type { AppendRecord } from '@lyceum/events';
import { uuidV7 } from '@lyceum/xapi';
import type { FoundStatement } from '../query/select-statements.ts';
import type { SelectByIds } from '../query/statements-by-id.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { claimWrites } from '../store/claim-writes.ts';
import type { IdHolder, statementClaimStore } from '../store/statement-claims.ts';
import { createClaimQueue } from './claim-queue.ts';
import { createConfirmQueue } from './confirm-queue.ts';
import { unlessDropped, type DroppedStatement, type SelectDropped } from './dropped-statements.ts';
import { statementOfLine } from './kept-statement.ts';
import {
  claimHeader,
  LostClaimError,
  type IdClaim,
  type StatementIds,
  type TakenId,
} from './statement-ids.ts';
import type { WithoutErased } from './without-erased.ts';

export interface DatabaseIdsOptions {
  readonly claims: ReturnType<typeof statementClaimStore>;
  readonly writes: ReturnType<typeof claimWrites>;
  readonly append: (records: readonly AppendRecord[]) => Promise<void>;
  /** What ClickHouse has. */
  readonly selectByIds: SelectByIds;
  readonly selectDropped: SelectDropped;
  readonly withoutErased: WithoutErased;
  /** From this age on, an append that has not ended may be overtaken. */
  readonly lapseMs?: number;
}

/** How long a statement may be on its way from ingest's hands into ClickHouse while somebody waits for it. */
const writingMs = 5_000;

/**
 * Ids in PostgreSQL, beside a log that can't take them along. A request takes its ids, appends, and confirms before it
 * answers; who comes meanwhile waits. One that never confirms lapses, which is final: whatever the log brings of it later,
 * ingest leaves out. So nobody's clock has to be right, and no pause is too long.
 */
export function createDatabaseIds(o: DatabaseIdsOptions): StatementIds {
  const { claims, writes, append, selectByIds, selectDropped, withoutErased, lapseMs = 5_000 } = o;
  const queue = createClaimQueue({ insert: (requests) => orUnavailable(writes.insert(requests)), append });
  const confirm = createConfirmQueue((requests) => orUnavailable(writes.updateConfirmed(requests)));

  /** Who has ids, once it is known of each whether they were accepted. */
  async function selectSettled({ organisationId, ids }: IdClaim): Promise<IdHolder[]> {
    for (let pause = 5; ; pause = Math.min(pause * 2, 200)) {
      const holders = await claims.selectHolders(organisationId, ids);
      const ofState = (state: IdHolder['state']) => holders.filter((each) => each.state === state);
      if (ofState('LAPSED').length > 0) await claims.deleteIds(organisationId, ofState('LAPSED'));
      const open = ofState('OPEN');
      if (open.length === 0) return holders.filter(({ state }) => state !== 'LAPSED');
      const stale = open.filter(({ ageMs }) => ageMs >= lapseMs).map(({ request }) => request);
      if (stale.length > 0) await claims.updateLapsed([...new Set(stale)]);
      else await delay(pause);
    }
  }

  async function read(organisationId: string, { value, place }: IdHolder): Promise<FoundStatement | null> {
    const found = value === null ? null : statementOfLine(Buffer.from(value), place);
    return found && { ...found, text: await withoutErased({ organisationId, ...found }) };
  }

  /** The statements of holders, by id; of those that ingest has in its hands, once ClickHouse has them. */
  async function selectStatements(
    organisationId: string,
    holders: readonly IdHolder[],
  ): Promise<Map<string, FoundStatement>> {
    const kept = await Promise.all(holders.map((holder) => read(organisationId, holder)));
    const found = new Map(kept.filter((each) => each !== null).map((each) => [each.id, each]));
    const deadline = performance.now() + writingMs;
    for (;;) {
      const missing = holders.filter(({ id }) => !found.has(id));
      if (missing.length === 0) return found;
      const written = await selectByIds(
        organisationId,
        missing.map(({ id }) => id),
      );
      for (const each of written) found.set(each.id, each);
      const beingWritten = missing.filter(({ id, state }) => state === 'CONFIRMED' && !found.has(id));
      if (beingWritten.length === 0) return found;
      if (performance.now() > deadline)
        throw new UnavailableError('ClickHouse', 'ingest has not written it yet');
      await delay(50);
    }
  }

  async function findTaken(claim: IdClaim): Promise<TakenId[]> {
    const { organisationId, ids } = claim;
    const holders = await orUnavailable(selectSettled(claim));
    const statements = new Map<string, FoundStatement | DroppedStatement>(
      await selectStatements(organisationId, holders),
    );
    const missing = holders.flatMap(({ id }) => (statements.has(id) ? [] : [id]));
    const dropped = missing.length === 0 ? [] : await selectDropped(organisationId, missing);
    for (const each of dropped) statements.set(each.id, each);
    // Nobody has the statement, and its request is forgotten: it had lapsed, or ingest has put it aside.
    const stray = holders.filter(({ id }) => !statements.has(id));
    if (stray.length > 0) await orUnavailable(claims.deleteIds(organisationId, stray));
    return ids.flatMap((id, place) => {
      const statement = statements.get(id);
      return statement === undefined ? [] : [{ place, statement }];
    });
  }

  return {
    async append(record, claim) {
      const request = uuidV7();
      const { organisationId, ids } = claim;
      const appended = await queue.claim({
        request,
        organisationId,
        ids,
        record: { ...record, headers: { ...record.headers, [claimHeader]: request } },
      });
      if (appended === undefined) {
        await orUnavailable(claims.delete(organisationId, request, ids));
        return { taken: await findTaken(claim), free: [] };
      }
      try {
        await appended();
      } catch (error) {
        // The log may have it nonetheless. If this fails too, the request lapses by its age.
        await claims.updateLapsed([request]).catch(() => undefined);
        throw error;
      }
      const value = Buffer.from(record.value);
      if (!(await confirm({ request, value }))) throw new LostClaimError();
      return 'appended';
    },

    async selectOptional(organisationId, id) {
      const [holder] = await orUnavailable(claims.selectHolders(organisationId, [id]));
      if (holder?.state !== 'CONFIRMED') return null;
      const found = (await selectStatements(organisationId, [holder])).get(id);
      return found === undefined ? null : unlessDropped(organisationId, found, selectDropped);
    },
  };
}

async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new UnavailableError('The database of ids', error);
  }
}
