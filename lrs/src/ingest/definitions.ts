import { agentKey, decodeLine, definitionParts, namedAgents, type Actor, type Statement } from '@lyceum/xapi';
import { storedOfIso } from '../query/stored.ts';
import type { KeptLines } from './block.ts';
import type { DefinitionRow, DefinitionTable, NameRow } from './definition-table.ts';
import { findSayings, type Saying } from './sayings.ts';

/**
 * What activities and agents are called, from the statements of those who may say so (Communication 4.2, scope define):
 * the last that was said stays.
 */
export interface Definitions {
  write(kept: readonly KeptLines[], signal: AbortSignal): Promise<void>;
}

/** What is remembered; beyond, all is forgotten, and what is said next is written again. */
const rememberedSayings = 100_000;

interface Found {
  readonly definitions: DefinitionRow[];
  readonly names: NameRow[];
}

/** What is said by an object: `said` of `thing`, which is new where something else was said of it since. */
interface Known {
  readonly thing: string;
  readonly said: string;
}

/** An object that says nothing of anybody, wherever it is. */
const nothing: Known = { thing: '', said: '' };

/** Hardly a statement says something new: that is seen here by its bytes, and ClickHouse has little to write. */
export function createDefinitions(table: DefinitionTable): Definitions {
  /** By thing. */
  const last = new Map([[nothing.thing, nothing.said]]);
  /** By organisation and by the object's bytes. */
  const known = new Map<string, Map<string, Known>>();
  let remembered = 0;

  function forget(): void {
    last.clear();
    last.set(nothing.thing, nothing.said);
    known.clear();
    remembered = 0;
  }

  return {
    async write(kept, signal) {
      if (remembered > rememberedSayings) forget();
      const found: Found = { definitions: [], names: [] };
      for (const each of kept) if (each.record.defines) collect(each, found);
      try {
        if (found.definitions.length > 0) await table.insertDefinitions(found.definitions, signal);
        if (found.names.length > 0) await table.insertNames(found.names, signal);
      } catch (error) {
        // It comes again, and must not look known then.
        forget();
        throw error;
      }
    },
  };

  function collect({ record, places }: KeptLines, found: Found): void {
    const { organisationId, value: lines, ends } = record;
    const own = known.get(organisationId) ?? new Map<string, Known>();
    known.set(organisationId, own);
    const sayings = findSayings(lines);
    const isKnown = ({ bytes }: Saying) => {
      const what = own.get(bytes);
      return what !== undefined && last.get(what.thing) === what.said;
    };
    for (const place of places) {
      const start = place === 0 ? 0 : (ends[place - 1] ?? 0);
      const end = (ends[place] ?? 0) - 1;
      if (sayings.every(start, end, isKnown)) continue;
      const line = lines.subarray(start, end);
      collectNew(line, organisationId, found);
      findSayings(line).every(0, line.length, (saying) => {
        const what = readSaying(saying, organisationId);
        if (what) own.set(saying.bytes, what);
        remembered += 1;
        return true;
      });
    }
  }

  function collectNew(line: Buffer, organisationId: string, found: Found): void {
    const logged = decodeLine(line.toString());
    const statement = logged && parsed(logged.text);
    if (!statement) return;
    const at = { organisation: organisationId, stored: storedOfIso(logged.stored) };
    for (const { id, definition, parts } of definitionParts(statement, logged.text))
      if (isNew({ thing: activityThing(organisationId, id), said: definition }))
        for (const [part, value] of parts())
          found.definitions.push({ ...at, activity: id, part: wellFormed(part), value });
    for (const { key, name } of namedAgents(statement))
      if (isNew({ thing: agentThing(organisationId, key), said: name }))
        found.names.push({ ...at, agent: key, name: wellFormed(name) });
  }

  function isNew({ thing, said }: Known): boolean {
    remembered += 1;
    if (last.get(thing) === said) return false;
    last.set(thing, said);
    return true;
  }
}

const activityThing = (organisationId: string, id: string) => `${organisationId}\n${id}`;
const agentThing = (organisationId: string, key: string) => `${organisationId}\t${key}`;

/**
 * What an object would say of whom, if it is an Activity or an Agent; undefined where that can't be told. It goes by the
 * bytes alone, and so holds for all that look alike: what is known to have been said last need not be looked at again.
 */
function readSaying({ kind, bytes }: Saying, organisationId: string): Known | undefined {
  const text = Buffer.from(bytes, 'latin1').toString().replaceAll('\\\\', '\\');
  try {
    if (kind === 'definition') {
      const { id, definition } = JSON.parse(`${text}}`) as { id?: string; definition: object };
      return { thing: activityThing(organisationId, String(id)), said: JSON.stringify(definition) };
    }
    const actor = JSON.parse(text) as Actor;
    const key = agentKey(actor);
    return key === null ? nothing : { thing: agentThing(organisationId, key), said: String(actor.name) };
  } catch {
    return undefined;
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
