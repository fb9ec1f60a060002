import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, ROLES, type Role } from '@lyceum/service';
import {
  entityTypes,
  idArguments,
  readSchema,
  statementsOfTables,
  type GraphQLClient,
} from '@lyceum/testing';
import { runCatalog, type RunningCatalog, type School } from './kit/catalog.ts';
import { publishedCourse, readCourse, writeCourse } from './kit/courses.ts';
import { exampleOf, idsOf, mutation, mutationNames, type CourseAnswer, type Ids } from './kit/operations.ts';

let catalog: RunningCatalog;
let school: School;
let stranger: School;
let theirs: CourseAnswer;

beforeAll(async () => {
  catalog = await runCatalog();
  school = await catalog.school();
  stranger = await catalog.school();
  theirs = await publishedCourse(school.author, { title: 'Theirs', slug: 'theirs' }, [['a', 'b']]);
});
afterAll(() => catalog.stop());

const unknown = (): Ids => ({ course: newId('course'), module: newId('module'), item: newId('item') });

/** A course of the stranger's own, of one module with one item. */
const own = async () => idsOf(await writeCourse(stranger.author, { title: 'Own', slug: newSlug() }));
let slugs = 0;
const newSlug = () => `own-${(slugs += 1)}`;

type Operation = (ids: Ids) => readonly [document: string, variables: Record<string, unknown>];

/** Every operation that is given an id, with a use of it that succeeds on one's own objects. */
const operations: Readonly<Record<string, Operation>> = {
  'Query.course': ({ course }) => ['query ($id: ID!) { course(id: $id) { id title } }', { id: course }],
  ...Object.fromEntries(
    mutationNames
      .filter((name) => name !== 'courseCreate')
      .map((name): [string, Operation] => [
        `Mutation.${name}`,
        (ids) => [mutation(name), { input: exampleOf(name, ids) }],
      ]),
  ),
};

/** Ids of another subgraph's objects, which are not looked up here. */
const ofOthers = ['input.assessmentId', 'input.changes.assessmentId'];

const valueAt = (variables: object, path: string) =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], variables);

test('the table has every operation of the schema that takes an id, and gives it each of them', async () => {
  const taking = idArguments(await readSchema(school.author));
  expect(Object.keys(operations).sort()).toEqual([...taking.keys()].sort());
  for (const [name, paths] of taking) {
    const [, variables] = operations[name]!(unknown());
    for (const path of paths.filter((each) => !ofOthers.includes(each))) {
      // An argument of a query is the variable of the same name.
      expect([name, path, valueAt(variables, path)]).toEqual([name, path, expect.anything()]);
    }
  }
});

/** What a client is told, without the id that it asked for. */
async function answerTo(client: GraphQLClient, operation: Operation, ids: Ids): Promise<string> {
  const { data, errors } = await client<object>(...operation(ids));
  return Object.values(ids).reduce((text, id) => text.replaceAll(id, '…'), JSON.stringify({ data, errors }));
}

const everyRole: readonly (readonly Role[])[] = [...ROLES.map((role) => [role]), ROLES];

describe.each(Object.keys(operations))('%s', (name) => {
  const operation = operations[name]!;

  test("answers another organisation's id as one that nothing has, whatever the role", async () => {
    const [mine, foreign] = [await own(), idsOf(theirs)];
    for (const roles of everyRole) {
      const client = await stranger.member(...roles);
      for (const kind of ['course', 'module', 'item'] as const) {
        // An operation that is not given this kind of id does nothing here but succeed.
        if (!JSON.stringify(operation(mine)).includes(mine[kind])) continue;
        const said = await answerTo(client, operation, { ...mine, [kind]: foreign[kind] });
        expect(said).toBe(await answerTo(client, operation, { ...mine, [kind]: unknown()[kind] }));
        expect(said).toMatch(/"code":"(NOT_FOUND|FORBIDDEN|ORDER_INCOMPLETE)"/);
      }
    }
    expect(await readCourse(school.author, theirs.id)).toEqual(theirs);
  });

  test("works on one's own objects", async () => {
    const { data, errors } = await (
      await stranger.member('AUTHOR')
    )<Record<string, { userErrors?: unknown[] }>>(...operation(await own()));
    expect(errors).toBeUndefined();
    expect(Object.values(data)[0]?.userErrors ?? []).toEqual([]);
  });
});

test("another organisation's course is in no list and behind no slug", async () => {
  const elsewhere = await catalog.school();
  const client = await elsewhere.member(...ROLES);
  const { data } = await client(
    '{ courses { nodes { id } totalCount } courseBySlug(slug: "theirs") { id } }',
  );
  expect(data).toEqual({ courses: { nodes: [], totalCount: 0 }, courseBySlug: null });
});

describe('entities', () => {
  const idOf: Readonly<Record<string, keyof Ids>> = {
    Course: 'course',
    Module: 'module',
    ContentItem: 'item',
  };

  test('are all in the table', async () => {
    expect(Object.keys(idOf).sort()).toEqual(entityTypes(await readSchema(school.author)).sort());
  });

  const find = async (client: GraphQLClient, type: string, id: string) => {
    const { data, errors } = await client<{ _entities: unknown[] }>(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { id title } } }`,
      { of: [{ __typename: type, id }] },
    );
    expect(errors).toBeUndefined();
    return data._entities;
  };

  test.each(Object.keys(idOf))('%s of another organisation is none, whatever the role', async (type) => {
    const id = idsOf(theirs)[idOf[type]!];
    for (const roles of everyRole) {
      expect(await find(await stranger.member(...roles), type, id)).toEqual([null]);
      expect(await find(await school.member(...roles), type, id)).toMatchObject([{ id }]);
    }
  });
});

/** Does the statement itself name whose rows it reads or writes? */
function namesOrganisation(statement: string): boolean {
  if (/^\s*INSERT/i.test(statement)) return statement.includes('organisation_id');
  const [, condition = ''] = /\bWHERE\b([^]*?)(\bRETURNING\b|\bORDER BY\b|$)/i.exec(statement) ?? [];
  return condition.includes('organisation_id');
}

test('every statement names the organisation whose rows it reads, locks or writes', async () => {
  const author = await stranger.member('AUTHOR');
  const statements = await statementsOfTables(async () => {
    for (const operation of Object.values(operations)) await author(...operation(await own()));
    await author('{ courses(filter: { search: "own" }) { nodes { modules { items { id } } } totalCount } }');
    await author('{ courseBySlug(slug: "own-1") { id } }');
  });
  for (const table of ['course', 'module', 'content_item']) {
    expect(statements.some((text) => new RegExp(`\\b${table}\\b`).test(text))).toBe(true);
  }
  expect(statements.filter((text) => !namesOrganisation(text))).toEqual([]);
});
