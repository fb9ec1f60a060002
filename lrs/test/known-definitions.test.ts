import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  createStamper,
  definitionParts,
  encodeStatementBatch,
  namedAgents,
  type Statement,
} from '@lyceum/xapi';
import type { KeptLines } from '../src/ingest/block.ts';
import type { DefinitionRow, NameRow } from '../src/ingest/definition-table.ts';
import { createDefinitions } from '../src/ingest/definitions.ts';

// What nobody has said before is found by the bytes of the statements, and must be what parsing each of them finds.

const stamp = createStamper({
  authority: { objectType: 'Agent', name: 'The {tool}', account: { homePage: 'urn:h', name: 'Ada' } },
  version: '1.0.0',
});

let made = 0;

function linesOf(texts: readonly string[]): KeptLines {
  const statements = texts.map((text) => {
    made += 1;
    const stored = new Date(made).toISOString().replace('Z', '000Z');
    return stamp(JSON.parse(text) as Statement, text, stored);
  });
  const { value } = encodeStatementBatch({ organisationId: 'org_a', publicUrl: 'urn:p', statements });
  const ends: number[] = [];
  for (let end = 0; (end = value.indexOf(10, end) + 1) > 0;) ends.push(end);
  const record = {
    ...{ topic: 'statements', partition: 0, offset: '0', organisationId: 'org_a', claim: undefined },
    ...{ appendedAt: new Date(0), ids: [], idsMade: true, voidsAny: true, defines: true },
    imported: '0',
  };
  return { record: { ...record, value, ends }, places: ends.map((_, place) => place) };
}

/** What was written of each block: activities with parts, agents with names. */
async function written(blocks: readonly (readonly string[])[]): Promise<string[][]> {
  let rows: string[] = [];
  const definitions = createDefinitions({
    insertDefinitions: (found: readonly DefinitionRow[]) => {
      rows.push(...found.map(({ activity, part, value }) => `${activity} ${part} ${value}`));
      return Promise.resolve();
    },
    insertNames: (found: readonly NameRow[]) => {
      rows.push(...found.map(({ agent, name }) => `${agent} ${name}`));
      return Promise.resolve();
    },
  });
  const all: string[][] = [];
  for (const block of blocks) {
    rows = [];
    await definitions.write([linesOf(block)], new AbortController().signal);
    all.push(rows);
  }
  return all;
}

/** The same, by parsing each statement. */
function parsed(blocks: readonly (readonly string[])[]): string[][] {
  const last = new Map<string, string>();
  const isNew = (thing: string, said: string) => last.get(thing) !== said && last.set(thing, said);
  return blocks.map((block) => {
    const definitions: string[] = [];
    const names: string[] = [];
    for (const text of block) {
      const statement = JSON.parse(text) as Statement;
      for (const { id, definition, parts } of definitionParts(statement, text))
        if (isNew(`activity ${id}`, definition))
          definitions.push(...parts().map(([part, value]) => `${id} ${part} ${value}`));
      for (const { key, name } of namedAgents(statement))
        if (isNew(`agent ${key}`, name)) names.push(`${key} ${name}`);
    }
    return [...definitions, ...names];
  });
}

const ids = ['urn:a', 'urn:b', 'urn:{c}'];
const texts = ['One', 'Two', 'Tw"o', 'back\\slash', '\u00e9\u{1f98a}', '{', '"name"', 'a},{"name":"Eve"'];

const textOf = fc.constantFrom(...texts);
const activityOf = fc
  .record({
    id: fc.constantFrom(...ids),
    name: fc.option(textOf),
    before: fc.boolean(),
    nested: fc.boolean(),
  })
  .map(({ id, name, before, nested }) => {
    const definition = name !== null && {
      definition: { name: { en: name }, ...(nested && { extensions: { 'urn:x': { name: 'inner' } } }) },
    };
    return before ? { ...definition, id } : { objectType: 'Activity', id, ...definition };
  });
const agentOf = fc
  .record({
    account: fc.boolean(),
    key: fc.constantFrom('u', 'v'),
    name: fc.option(textOf),
    last: fc.boolean(),
  })
  .map(({ account, key, name, last }) => {
    const own = account ? { account: { homePage: 'urn:h', name: key } } : { mbox: `mailto:${key}@x.org` };
    const named = name !== null && { name };
    return last ? { objectType: 'Agent', ...own, ...named } : { ...named, ...own };
  });
const groupOf = fc
  .record({ name: fc.option(textOf), members: fc.array(agentOf, { maxLength: 2 }) })
  .map(({ name, members }) => ({ objectType: 'Group', ...(name !== null && { name }), member: members }));

const statementOf = fc.record({
  actor: fc.oneof(agentOf, groupOf),
  verb: fc.constant({ id: 'urn:v', display: { en: 'name' } }),
  object: fc.oneof(
    activityOf,
    fc.record({
      objectType: fc.constant('SubStatement'),
      actor: agentOf,
      verb: fc.constant({ id: 'urn:v' }),
      object: activityOf,
    }),
  ),
  context: fc.record({
    instructor: agentOf,
    contextActivities: fc.record({ parent: fc.array(activityOf, { maxLength: 2 }) }),
    // What looks like an activity or an agent, and is none.
    extensions: fc.record({ 'urn:x': fc.oneof(activityOf, agentOf, textOf) }),
  }),
});

/** JSON as other clients write it. */
const spellings = [
  (statement: object) => JSON.stringify(statement),
  (statement: object) => JSON.stringify(statement, null, 1).replaceAll('\n', ''),
  (statement: object) => JSON.stringify(statement).replaceAll('"definition"', '"d\\u0065finition"'),
  (statement: object) => JSON.stringify(statement).replaceAll('"name":"', '"n\\u0061me" : "'),
];

test('finds what parsing each statement finds, whatever looks alike', async () => {
  const text = fc.tuple(statementOf, fc.constantFrom(...spellings)).map(([each, write]) => write(each));
  const blocks = fc.array(fc.array(text, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(blocks, async (sent) => {
      const found = (await written(sent)).map((rows) => rows.sort());
      expect(found).toEqual(parsed(sent).map((rows) => rows.sort()));
    }),
    { numRuns: 300 },
  );
});

test('what was said before is not written again, and what was said in between is', async () => {
  const named = (name: string) =>
    JSON.stringify({
      actor: { mbox: 'mailto:u@x.org' },
      verb: { id: 'urn:v' },
      object: { id: 'urn:a', definition: { name: { en: name } } },
    });
  expect(await written([[named('One'), named('One')], [named('One')], [named('Two'), named('One')]])).toEqual(
    [['urn:a name/en "One"'], [], ['urn:a name/en "Two"', 'urn:a name/en "One"']],
  );
});
