import type { FoundKey, KeyClaim, LogClaims } from '@lyceum/events';
import type { FoundStatement } from '../query/select-statements.ts';
import type { SelectByIds } from '../query/statements-by-id.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import { ingestGroup } from '../ingest/group.ts';
import {
  mayBeDropped,
  unlessDropped,
  type DroppedStatement,
  type SelectDropped,
} from './dropped-statements.ts';
import { bytesOfIds } from './id-bytes.ts';
import { statementOfLine } from './kept-statement.ts';
import { claimHeader, type IdClaim, type StatementIds, type TakenId } from './statement-ids.ts';
import type { WithoutErased } from './without-erased.ts';

export interface LogIdsOptions {
  /** Open. */
  readonly claims: LogClaims;
  /** What ClickHouse has. */
  readonly selectByIds: SelectByIds;
  readonly selectDropped: SelectDropped;
  readonly withoutErased: WithoutErased;
}

/**
 * Ids in the embedded log: taken in the transaction that appends, so that there is nothing in between to crash in. A
 * statement is read from its record while the log keeps that, and from ClickHouse where nobody remembers the record.
 */
export function createLogIds(o: LogIdsOptions): StatementIds {
  const { claims, selectByIds, selectDropped, withoutErased } = o;

  async function readKept(
    organisationId: string,
    { place, record }: FoundKey,
  ): Promise<FoundStatement | null> {
    const found = record === undefined ? null : statementOfLine(record.value, place);
    return found && { ...found, text: await withoutErased({ organisationId, ...found }) };
  }

  /** What the log still has of dropped statements is not theirs any more. While ClickHouse does not answer, nobody knows. */
  async function withoutDropped(
    organisationId: string,
    kept: readonly KeptId[],
  ): Promise<readonly TakenId[]> {
    const old = kept.flatMap(({ statement }) => (statement && mayBeDropped(statement) ? [statement.id] : []));
    if (old.length === 0) return kept;
    const dropped = await selectDropped(organisationId, old).catch((error: unknown) => {
      if (error instanceof UnavailableError) return [];
      throw error;
    });
    const byId = new Map(dropped.map((each) => [each.id, each]));
    return kept.map(({ place, statement }) => ({
      place,
      statement: (statement && byId.get(statement.id)) ?? statement,
    }));
  }

  /** Ids that may have been taken long ago: ClickHouse knows, once it has all that was then on the log. */
  async function selectOld(
    organisationId: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, FoundStatement | DroppedStatement>> {
    if (ids.length === 0) return new Map();
    const isAllThere = claims.isForgottenRead(ingestGroup);
    const found = await selectByIds(organisationId, ids);
    const old = new Map<string, FoundStatement | DroppedStatement>(found.map((each) => [each.id, each]));
    const missing = ids.filter((id) => !old.has(id));
    const dropped = missing.length === 0 ? [] : await selectDropped(organisationId, missing);
    for (const each of dropped) old.set(each.id, each);
    if (dropped.length < missing.length && !isAllThere)
      throw new UnavailableError('ClickHouse', 'ingest is behind');
    return old;
  }

  return {
    async append(record, claim) {
      const { organisationId, ids } = claim;
      const claimed = { ...record, headers: { ...record.headers, [claimHeader]: 'log' } };
      const outcome = await claims.append(claimed, keysOf(claim));
      if (outcome.taken.length === 0 && outcome.unsure.length === 0) return 'appended';
      const idAt = (place: number) => ids[place] ?? '';
      const read = await Promise.all(
        outcome.taken.map(async ({ place, found }) => ({
          place,
          statement: await readKept(organisationId, found),
        })),
      );
      const kept = await withoutDropped(organisationId, read);
      const gone = kept.filter(({ statement }) => statement === null).map(({ place }) => place);
      const old = await selectOld(organisationId, [...gone, ...outcome.unsure].map(idAt));
      const isOld = (place: number) => old.has(idAt(place));
      const oldAt = (place: number) => ({ place, statement: old.get(idAt(place)) ?? null });
      return {
        taken: [
          ...kept.map((each) => (each.statement === null ? oldAt(each.place) : each)),
          ...outcome.unsure.filter(isOld).map(oldAt),
        ],
        free: outcome.unsure.filter((place) => !isOld(place)).map(idAt),
      };
    },

    async selectOptional(organisationId, id) {
      const found = claims.find(organisationId, bytesOfIds([id]));
      if (found === undefined) return null;
      const kept = found === 'unsure' ? null : await readKept(organisationId, found);
      if (kept !== null) return unlessDropped(organisationId, kept, selectDropped);
      const old = (await selectOld(organisationId, [id])).get(id);
      return old !== undefined && 'text' in old ? old : null;
    },
  };
}

/** An id that is taken, and what the log has of its statement. */
interface KeptId {
  readonly place: number;
  readonly statement: FoundStatement | null;
}

function keysOf({ organisationId, ids, idsMade, free }: IdClaim): KeyClaim {
  const places = free && new Set([...ids.keys()].filter((place) => free.has(ids[place] ?? '')));
  return {
    namespace: organisationId,
    keys: bytesOfIds(ids),
    isChecked: !idsMade,
    ...(places && { free: places }),
  };
}
