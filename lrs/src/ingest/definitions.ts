import { decodeLine, definitionParts, namedAgents, type Statement } from '@lyceum/xapi';
import { storedOfIso } from '../query/stored.ts';
import type { KeptLines } from './block.ts';
import type { DefinitionRow, DefinitionTable, NameRow } from './definition-table.ts';

/**
 * What activities and agents are called, from the statements of those who may say so (Communication 4.2, scope define):
 * the last that was said stays.
 */
export interface Definitions {
  write(kept: readonly KeptLines[], signal: AbortSignal): Promise<void>;
}

/** Things of which it is remembered what was said last; beyond, all is forgotten, and what is said next is written again. */
const rememberedThings = 50_000;

/** Hardly a statement says something new: that is seen here, and ClickHouse has little to write. */
export function createDefinitions(table: DefinitionTable): Definitions {
  const last = new Map<string, string>();

  return {
    async write(kept, signal) {
      if (last.size > rememberedThings) last.clear();
      const found = { definitions: [] as DefinitionRow[], names: [] as NameRow[] };
      for (const each of kept) if (each.record.defines) collect(each, found);
      try {
        if (found.definitions.length > 0) await table.insertDefinitions(found.definitions, signal);
        if (found.names.length > 0) await table.insertNames(found.names, signal);
      } catch (error) {
        // It comes again, and must not look known then.
        last.clear();
        throw error;
      }
    },
  };

  function collect(
    { record, places }: KeptLines,
    found: { definitions: DefinitionRow[]; names: NameRow[] },
  ): void {
    const { organisationId, value: lines, ends } = record;
    for (const place of places) {
      const line = lines.toString('utf8', place === 0 ? 0 : ends[place - 1], (ends[place] ?? 0) - 1);
      const logged = decodeLine(line);
      if (logged === null) continue;
      const { text, stored } = logged;
      const statement = parsed(text);
      if (statement === null) continue;
      const at = { organisation: organisationId, stored: storedOfIso(stored) };
      for (const { id, definition, parts } of definitionParts(statement, text))
        if (isNew(`${organisationId}\n${id}`, definition))
          for (const [part, value] of parts())
            found.definitions.push({ ...at, activity: id, part: wellFormed(part), value });
      for (const { key, name } of namedAgents(statement))
        if (isNew(`${organisationId}\t${key}`, name))
          found.names.push({ ...at, agent: key, name: wellFormed(name) });
    }
  }

  function isNew(thing: string, said: string): boolean {
    if (last.get(thing) === said) return false;
    last.set(thing, said);
    return true;
  }
}

function parsed(text: string): Statement | null {
  try {
    return JSON.parse(text) as Statement;
  } catch {
    return null;
  }
}

/** JSON can write half a surrogate pair, which is no text: ClickHouse would refuse the whole insert. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
