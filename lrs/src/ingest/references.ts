import type { ReferringStatement } from './referring-statements.ts';
import { walkChain, type Chain, type KnownStatements, type Waiting } from './reference-chain.ts';
import type { ReachedRow, ReferenceTable } from './reference-table.ts';

/**
 * Follows StatementRefs when statements come in, so that a filter need not (Communication 2.1.3;
 * docs/decisions/0023-reading.md). Whichever comes first: what a statement reaches is written when it comes, and what it
 * can't reach yet is noted as waited for, and found when that comes. Writing the same again changes nothing.
 */
export interface References {
  /** Those of these organisations in which some statement waits, or waited, for another. Hardly one is. */
  selectWaiting(organisationIds: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>>;
  /**
   * @param block statements of one organisation that ClickHouse has: those that refer, and the ids of those that may be
   * waited for
   */
  resolve(
    organisationId: string,
    block: { referring: readonly ReferringStatement[]; arrived: readonly string[] },
    signal: AbortSignal,
  ): Promise<void>;
}

/** Chains walked at once: each may be a thousand statements long, and all of them are in memory. */
const atOnce = 500;

export function createReferences(table: ReferenceTable): References {
  return {
    async selectWaiting(organisationIds, signal) {
      return new Set(await table.selectOrganisationsWaiting(organisationIds, signal));
    },

    async resolve(organisationId, { referring, arrived }, signal) {
      const voiding = referring.filter((each) => each.voiding);
      if (voiding.length > 0) await table.insertVoids(organisationId, voiding, signal);
      const own: KnownStatements = new Map(referring.map((each) => [each.id, each]));
      const walks = referring.map(waitingOf);
      for (let start = 0; start < walks.length; start += atOnce)
        await extend(organisationId, walks.slice(start, start + atOnce), own, signal);
      if (arrived.length === 0) return;
      const awaited = await table.selectAwaited(organisationId, arrived, signal);
      // Who waits may be many more than a block: page by page, in an order that what is written meanwhile does not change.
      for (let after: Waiting | undefined; awaited.length > 0;) {
        const waiting = await table.selectWaiting(organisationId, { awaited, after, limit: atOnce }, signal);
        await extend(organisationId, waiting, own, signal);
        if (waiting.length < atOnce) break;
        after = waiting.at(-1);
      }
    },
  };

  /** Walks on from where each chain waits, writes what is reached, and notes what it waits for next. */
  async function extend(
    organisationId: string,
    from: readonly Waiting[],
    own: KnownStatements,
    signal: AbortSignal,
  ): Promise<void> {
    const known: KnownStatements = new Map(own);
    let chains = from.map((each) => walkChain(each, known));
    for (;;) {
      const unknown = [...new Set(chains.flatMap(({ unknown: id }) => id ?? []))];
      if (unknown.length === 0) break;
      await learn(organisationId, unknown, known, signal);
      chains = from.map((each) => walkChain(each, known));
    }
    await write(organisationId, chains, signal);
  }

  /** Reads these statements, and all that those reach which were walked before. */
  async function learn(
    organisationId: string,
    ids: readonly string[],
    known: KnownStatements,
    signal: AbortSignal,
  ): Promise<void> {
    const found = await table.selectStatements(organisationId, ids, signal);
    for (const id of ids) known.set(id, null);
    for (const each of found) known.set(each.id, each);
    const missing = ids.filter((id) => known.get(id) === null);
    if (missing.length > 0)
      for (const id of await table.selectDropped(organisationId, missing, signal)) known.set(id, 'gone');
    const walked = found.filter(({ target }) => target !== null);
    if (walked.length === 0) return;
    for (const each of await table.selectReached(organisationId, walked, signal))
      if (!known.get(each.id)) known.set(each.id, each);
  }

  async function write(organisationId: string, chains: readonly Chain[], signal: AbortSignal): Promise<void> {
    const rows: ReachedRow[] = chains.flatMap(({ from, reached }) =>
      reached.map((each) => ({ from, ...each })),
    );
    await table.insertReached(organisationId, rows, signal);
    const waiting = chains.flatMap(({ waits }) => waits ?? []);
    if (waiting.length > 0) await table.insertWaiting(organisationId, waiting, signal);
  }
}

function waitingOf({ id, stored, target }: ReferringStatement): Waiting {
  return { id, stored, target, depth: 0, known: stored };
}
