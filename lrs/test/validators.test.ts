import { statement as theirRule } from '@learninglocker/xapi-validation/dist/factory.js';
import * as fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { validateStatements, type Fault } from '@lyceum/xapi';
import { mutatedStatement } from './kit/mutated-statement.ts';

type Json = Record<string, unknown>;

interface TheirWarning {
  readonly name: string;
  readonly typeName?: string;
  readonly path: readonly string[];
  readonly data: unknown;
}

const theirs = (statement: unknown) => theirRule(statement, ['statement']) as unknown as TheirWarning[];

/**
 * Both say of the same statements that they are valid, but for these differences, each decided by the standard (1.0.3
 * Part Two, by section). `settled` leaves those out that nearly every statement would show.
 */
const theyAreStricter: [why: string, isIt: (warning: TheirWarning) => boolean][] = [
  ['2.4.2.2: a list of members may be empty', ({ name }) => name === 'NoMembersWarning'],
  [
    '2.4.6.2: one activity need not be in a list',
    ({ path, name }) => name === 'TypeWarning' && contextActivities.includes(String(path.at(-1))),
  ],
  [
    '2.4.4.1: the table of lists and interactions forbids none',
    ({ name }) => name === 'InvalidComponentsWarning',
  ],
];

const weAreStricter: [why: string, isIt: (fault: Fault) => boolean][] = [
  [
    '2.4.2.2, 2.4.4.3: groups and references must say what they are',
    ({ path, reason }) => /(?:team|statement|group)\.objectType$/.test(path) && reason === 'is missing',
  ],
  ['2.4.11: sha2 is a SHA-2', ({ path }) => path.endsWith('.sha2')],
];

const contextActivities = ['parent', 'grouping', 'category', 'other'];

/** A valid statement without what ours takes and theirs does not. */
function settled(value: Json): Json {
  const text = JSON.stringify(value)
    // 4.5, 4.6: ISO 8601 has zones with and without a colon, and a comma before fractions.
    .replaceAll('-0330"', '-03:30"')
    .replaceAll('PT16,5S', 'PT16.5S');
  return JSON.parse(text, (key, member: unknown) => {
    if (typeof member !== 'object' || member === null) return member;
    const object = member as Json;
    // 2.4.6.2: one activity need not be in a list.
    if (contextActivities.includes(key)) return [member].flat();
    // 2.4.2.2: a list of members may be empty.
    if (object['objectType'] === 'Group' && JSON.stringify(object['member']) === '[]')
      return { ...object, member: [{ mbox: 'mailto:ada@example.org' }] };
    // 2.4.4.1: which lists go with which interaction is a table of what is supported, and forbids none.
    if (key === 'definition') return { ...object, choices: undefined, scale: undefined };
    return member;
  }) as Json;
}

test('ours and an independent validator differ where the standard says so, and nowhere else', () => {
  fc.assert(
    fc.property(mutatedStatement(settled), (statement) => {
      const faults = validateStatements(statement);
      const warnings = theirs(statement);
      if (faults.length === 0)
        expect(warnings.filter((warning) => !theyAreStricter.some(([, isIt]) => isIt(warning)))).toEqual([]);
      if (warnings.length === 0)
        expect(faults.filter((fault) => !weAreStricter.some(([, isIt]) => isIt(fault)))).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
}, 60_000);
