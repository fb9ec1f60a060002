import type { AttachmentKey, UnconfirmedUse } from '../store/attachments.ts';
import type { Database } from '../store/store.ts';
import type { AttachmentStore } from './attachment-store.ts';
import type { SelectNamed } from './named-hashes.ts';
import type { Staging } from './staging.ts';

/**
 * Takes away what nobody refers to: attachments of requests that failed or were cut off by a crash, and of statements that
 * were erased. Any number of processes may sweep at once.
 */
export interface Sweep {
  readonly run: () => Promise<void>;
}

export interface SweepOptions {
  readonly database: Pick<Database, 'attachments' | 'transaction'>;
  readonly store: AttachmentStore;
  readonly staging: Staging;
  readonly selectNamed: SelectNamed;
  /** The instant up to which ClickHouse has all of an organisation's statements (ISO 8601). */
  readonly consistentThrough: (organisationId: string) => Promise<string>;
  /** Longer than any request takes from its attachments to its statements' append. */
  readonly graceMs: number;
  readonly now?: () => number;
}

/** Looked at in one turn; the rest comes in the next. */
const usesAtOnce = 500;

export function createSweep(o: SweepOptions): Sweep {
  const { now = Date.now } = o;

  /** A statement that is not in ClickHouse may still be on its way, unless all from its time are there. */
  async function isThrough({ organisationId, notedAt }: UnconfirmedUse): Promise<boolean> {
    const through = await o.consistentThrough(organisationId);
    return Date.parse(through) >= notedAt.getTime() + o.graceMs;
  }

  /** The bytes go before the row's lock does: whoever brings the same ones meanwhile waits, and stores them anew. */
  function settle(key: AttachmentKey, uses: readonly UnconfirmedUse[], named: ReadonlySet<unknown>) {
    return o.database.transaction(async ({ attachments }) => {
      await attachments.lock(key);
      for (const use of uses)
        await (named.has(use) ? attachments.updateUse(use) : attachments.deleteUse(use));
      if (await attachments.deleteUnused(key)) await o.store.delete(key);
    });
  }

  async function sweepOrganisation(organisationId: string, uses: readonly UnconfirmedUse[]): Promise<void> {
    // Asked before: what is through by now, the look into ClickHouse sees.
    const through = await Promise.all(uses.map(isThrough));
    const named = new Set<unknown>(await o.selectNamed(organisationId, uses));
    const decided = uses.filter((use, index) => named.has(use) || through[index] === true);
    for (const [sha2, of] of groupBy(decided, (use) => use.sha2))
      await settle({ organisationId, sha2 }, of, named);
  }

  return {
    async run() {
      const before = new Date(now() - o.graceMs);
      await o.staging.sweep(before);
      const uses = await o.database.attachments.selectUnconfirmed(before, usesAtOnce);
      for (const [organisationId, of] of groupBy(uses, (use) => use.organisationId))
        await sweepOrganisation(organisationId, of);
    },
  };
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}
