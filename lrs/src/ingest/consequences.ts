import type { KeptLines } from './block.ts';
import type { Definitions } from './definitions.ts';
import { arrivedIds, referringStatements } from './referring-statements.ts';
import type { References } from './references.ts';

/**
 * What follows from statements that ClickHouse has, in tables of its own: what voids what, what is reached through
 * references, what activities and agents are called. All of it can be written again, and then says the same.
 */
export interface Consequences {
  write(kept: readonly KeptLines[], signal: AbortSignal): Promise<void>;
}

export function createConsequences(o: { references: References; definitions: Definitions }): Consequences {
  return {
    async write(kept, signal) {
      for (const [organisationId, lines] of byOrganisation(kept)) {
        signal.throwIfAborted();
        const referring = referringStatements(lines);
        await o.references.resolve(organisationId, { referring, arrived: arrivedIds(lines) }, signal);
      }
      await o.definitions.write(kept, signal);
    },
  };
}

function byOrganisation(kept: readonly KeptLines[]): Map<string, KeptLines[]> {
  const all = new Map<string, KeptLines[]>();
  for (const each of kept) {
    const { organisationId } = each.record;
    const own = all.get(organisationId);
    if (own) own.push(each);
    else all.set(organisationId, [each]);
  }
  return all;
}
