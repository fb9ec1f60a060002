import type { KeyClaim, LogClaims, RecordPlace } from '@lyceum/events';
import { isUuid } from '@lyceum/xapi';
import type { statementClaimStore } from '../store/statement-claims.ts';
import { bytesOfIds } from './id-bytes.ts';

/** What ingest needs of a record to know whose ids it has. */
export interface IdentifiedRecord extends RecordPlace {
  readonly organisationId: string;
  readonly ids: readonly string[];
  /** Of its header (statement-ids.ts); undefined where no receiver appended it. */
  readonly claim: string | undefined;
}

/** The ids of what the log brings, as ingest sees them. */
export interface IngestedIds {
  /**
   * The records that were accepted, or may still be. Those of requests that lapsed are left out: whoever sent one was
   * told that nothing was stored. What is answered of a record once is answered for ever.
   */
  accepted<T extends IdentifiedRecord>(records: readonly T[]): Promise<T[]>;
  /** Those that were accepted while ids of old statements were not all taken: ClickHouse may have theirs. */
  selectUnsure<T extends IdentifiedRecord>(records: readonly T[]): Promise<ReadonlySet<T>>;
  /** ClickHouse has them: ids that no receiver took are taken, what waited for ClickHouse goes. */
  written(records: readonly IdentifiedRecord[]): Promise<void>;
  /** Takes what ClickHouse had before ids were taken: once for ever, and from the beginning where it was broken off. */
  fill(pages: AsyncIterable<IdPage>): Promise<void>;
}

/** Ids of one organisation. */
export interface IdPage {
  readonly organisationId: string;
  readonly ids: readonly string[];
}

/** Where receivers take ids in the log itself, what is on the log was accepted. */
export function createIngestedLogIds(claims: Pick<LogClaims, 'note' | 'fill'>): IngestedIds {
  let isFilled = false;
  return {
    accepted: (records) => Promise.resolve([...records]),
    selectUnsure: (records) => Promise.resolve(new Set(isFilled ? [] : records)),
    async written(records) {
      const foreign = records.filter(({ claim }) => claim === undefined);
      if (foreign.length === 0) return;
      await claims.note(foreign.map((record) => ({ record, claim: claimOf(record) })));
    },
    async fill(pages) {
      await claims.fill(claimsOf(pages));
      isFilled = true;
    },
  };
}

async function* claimsOf(pages: AsyncIterable<IdPage>) {
  for await (const page of pages) yield claimOf(page);
}

function claimOf({ organisationId, ids }: IdPage): KeyClaim {
  return { namespace: organisationId, keys: bytesOfIds(ids), isChecked: false };
}

/** How often what lapsed is looked through. */
const pruneEveryMs = 10 * 60_000;

export function createIngestedDatabaseIds(
  claims: Pick<
    ReturnType<typeof statementClaimStore>,
    'confirmRead' | 'selectUnsure' | 'deleteWritten' | 'insertWritten' | 'insertFilled' | 'isFilled' | 'prune'
  >,
): IngestedIds {
  let prunedAt = -Infinity;

  async function prune(): Promise<void> {
    if (performance.now() - prunedAt < pruneEveryMs) return;
    prunedAt = performance.now();
    await claims.prune();
  }

  return {
    async accepted(records) {
      const requests = requestsOf(records);
      if (requests.length === 0) return [...records];
      const lapsed = await claims.confirmRead(requests);
      return records.filter(({ claim = '' }) => !lapsed.has(claim));
    },
    async selectUnsure(records) {
      const unsure = await claims.selectUnsure(requestsOf(records));
      return new Set(records.filter(({ claim = '' }) => unsure.has(claim)));
    },
    async written(records) {
      const requests = requestsOf(records);
      if (requests.length > 0) await claims.deleteWritten(requests);
      for (const { organisationId, ids, claim } of records) {
        if (claim === undefined) await claims.insertWritten(organisationId, ids);
      }
      await prune();
    },
    async fill(pages) {
      if (await claims.isFilled()) return;
      for await (const { organisationId, ids } of pages) await claims.insertWritten(organisationId, ids);
      await claims.insertFilled();
    },
  };
}

function requestsOf(records: readonly IdentifiedRecord[]): string[] {
  return records.flatMap(({ claim }) => (claim !== undefined && isUuid(claim) ? [claim] : []));
}
