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
      const organisations = byOrganisation(kept);
      const waiting = await o.references.selectWaiting(arrivedFrom(kept), signal);
      for (const [organisationId, lines] of organisations) {
        signal.throwIfAborted();
        const referring = referringStatements(lines);
        const arrived = waiting.has(organisationId) ? arrivedIds(lines) : [];
        if (referring.length + arrived.length > 0)
          await o.references.resolve(organisationId, { referring, arrived }, signal);
      }
      await o.definitions.write(kept, signal);
    },
  };
}

/** The organisations of statements that something may wait for. */
function arrivedFrom(kept: readonly KeptLines[]): string[] {
  return [...new Set(kept.flatMap(({ record }) => (record.idsMade ? [] : record.organisationId)))];
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
