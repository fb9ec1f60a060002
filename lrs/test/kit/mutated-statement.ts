import * as fc from 'fast-check';
import { statement } from '../../../packages/xapi/test/arbitrary-statement.ts';

type Json = Record<string, unknown>;

/** Values that one may find in the place of any other. */
const wrongValues = fc.constantFrom<unknown>(
  null,
  '',
  'a text',
  'urn:a:b',
  'mailto:ada@example.org',
  '2026-11-21T10:00:00Z',
  'PT1H',
  'en',
  0,
  -1,
  1.5,
  2,
  true,
  false,
  [],
  {},
  [null],
  [{}],
  { en: 'a text' },
  { 'urn:a:b': null },
  { objectType: 'Agent', mbox: 'mailto:ada@example.org' },
  { objectType: 'Group', member: [] },
  { objectType: 'Group' },
  { objectType: 'Activity', id: 'urn:a:b' },
  { objectType: 'StatementRef', id: '0193a1b2-0000-7000-8000-000000000000' },
  { objectType: 'SubStatement' },
);

const addedNames = fc.constantFrom(
  'id',
  'name',
  'Name',
  'mbox',
  'openid',
  'account',
  'objectType',
  'member',
  'interactionType',
  'choices',
  'revision',
  'platform',
  'contextAgents',
  'stored',
  'version',
  'unknown',
);

/** A change of one place of a statement, which a number chooses among all that there are. */
type Change = (statement: Json) => void;

const change: fc.Arbitrary<Change> = fc
  .record({
    place: fc.nat(),
    kind: fc.constantFrom('replace', 'remove', 'add'),
    value: wrongValues,
    name: addedNames,
  })
  .map(({ place, kind, value, name }) => (statement) => {
    const places = placesOf(statement);
    const [parent, key] = places[place % places.length] ?? [statement, 'actor'];
    if (kind === 'replace') parent[key] = structuredClone(value);
    else if (kind === 'remove') remove(parent, key);
    else if (isObject(parent)) parent[name] = structuredClone(value);
  });

/**
 * Statements that were valid before up to two of their places were changed.
 *
 * @param settle makes of a valid statement another one
 */
export const mutatedStatement = (settle: (statement: Json) => Json): fc.Arbitrary<Json> =>
  fc.tuple(statement, fc.array(change, { maxLength: 2 })).map(([valid, changes]) => {
    const mutated = settle(JSON.parse(JSON.stringify(valid)) as Json);
    for (const each of changes) each(mutated);
    return JSON.parse(JSON.stringify(mutated)) as Json;
  });

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

function placesOf(value: Json): [Json, string][] {
  return Object.keys(value).flatMap((key) => {
    const member = value[key];
    return [[value, key] as [Json, string], ...(isObject(member) ? placesOf(member) : [])];
  });
}

function remove(parent: Json, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
}
