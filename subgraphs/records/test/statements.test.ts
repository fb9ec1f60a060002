import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient } from '@lyceum/testing';
import { statementFor, uuidV7, verbs, type Statement } from '@lyceum/xapi';
import { publicUrl } from './kit/clickhouse.ts';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';

let records: RunningRecords;
let school: School;
let instructor: Person;
let ama: Person;
let ben: Person;
const item = newId('item');
const course = newId('course');
const written: Statement[] = [];

const start = Date.parse('2026-11-20T10:00:00.000Z');
const minutes = (number: number) => new Date(start + number * 60_000);

beforeAll(async () => {
  records = await runRecords();
  school = records.school();
  instructor = await school.person('INSTRUCTOR');
  ama = await school.person('LEARNER');
  ben = await school.person('LEARNER');
  for (let number = 0; number < 6; number += 1) {
    const statement = statementFor({
      publicUrl,
      userId: number % 2 === 0 ? ama.userId : ben.userId,
      verb: number < 3 ? 'completed' : 'experienced',
      activity: { id: number < 4 ? item : course, name: `Tab\t"quote" 'n\\ line\n${number} 日本` },
      ...(number === 0 ? { result: { success: true, completion: true, score: { scaled: 0.5 } } } : {}),
      timestamp: new Date(start - 1_000),
    });
    written.push(statement);
    await school.store([statement], minutes(number));
  }
}, 60_000);
afterAll(() => records.stop());

interface Found {
  statements: {
    nodes: { id: string; json: string }[];
    totalCount: number;
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  };
}
const statements = `query ($filter: StatementFilter, $first: Int, $after: String, $last: Int, $before: String) {
  statements(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

/** Which of the written statements are found, by their numbers, and the page that they are on. */
async function list({ ask }: Person, variables: Record<string, unknown> = {}) {
  const { data, errors } = await ask<Found>(statements, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  const { nodes, ...page } = data.statements;
  return { ...page, numbers: nodes.map(({ id }) => written.findIndex((each) => each.id === id)) };
}

const one = `query ($id: ID!) { statement(id: $id) {
  id stored timestamp user { id } verb { iri } activity { iri } contentItem { id } success completion scoreScaled json
} }`;

describe('a statement', () => {
  test('is found by its id, whole', async () => {
    const [first] = written;
    const { data } = await instructor.ask<{ statement: { json: string } }>(one, { id: first!.id });
    expect(data.statement).toMatchObject({
      id: first!.id,
      stored: '2026-11-20T10:00:00.000Z',
      timestamp: '2026-11-20T09:59:59.000Z',
      user: { id: ama.userId },
      verb: { iri: verbs.completed },
      activity: { iri: `${publicUrl}/xapi/activities/${item}` },
      contentItem: { id: item },
      success: true,
      completion: true,
      scoreScaled: 0.5,
    });
    expect(JSON.parse(data.statement.json)).toMatchObject(JSON.parse(JSON.stringify(first)) as object);
  });

  test('by somebody else, about nothing of ours, has neither user nor item', async () => {
    const foreign: Statement = {
      id: uuidV7(),
      actor: { mbox: 'mailto:someone@elsewhere.example' },
      verb: { id: 'https://verbs.example/pondered' },
      object: { objectType: 'StatementRef', id: uuidV7() },
    };
    const elsewhere = records.school();
    await elsewhere.store([foreign]);
    const { data } = await (await elsewhere.person('ADMIN')).ask(one, { id: foreign.id });
    expect(data).toMatchObject({
      statement: { user: null, activity: null, contentItem: null, success: null, scoreScaled: null },
    });
  });

  test.each(['6f3b1d1e-5a55-4d5c-9c36-5d7c9c1f0a11', 'nonsense', "' OR 1 = 1 --"])(
    'by the id %j is NOT_FOUND',
    async (id) => {
      const { errors } = await instructor.ask(one, { id });
      expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    },
  );
});

describe('the list of statements', () => {
  test('has the last stored first, and is walked there and back', async () => {
    const first = await list(instructor, { first: 4 });
    expect(first).toMatchObject({ numbers: [5, 4, 3, 2], totalCount: 6, pageInfo: { hasNextPage: true } });
    const rest = await list(instructor, { first: 4, after: first.pageInfo.endCursor });
    expect(rest).toMatchObject({ numbers: [1, 0], pageInfo: { hasNextPage: false } });
    const back = await list(instructor, { last: 3, before: rest.pageInfo.startCursor });
    expect(back).toMatchObject({ numbers: [4, 3, 2], pageInfo: { hasPreviousPage: true } });
  });

  test('keeps statements apart that were stored in the same microseconds', async () => {
    const crowd = records.school();
    const leader = await crowd.person('ADMIN');
    const batch = Array.from({ length: 7 }, () =>
      statementFor({ publicUrl, userId: newId('user'), verb: 'experienced', activity: { id: item } }),
    );
    for (const statement of batch) await crowd.store([statement], minutes(0));
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const { data } = await leader.ask<Found>(statements, { first: 2, after });
      seen.push(...data.statements.nodes.map(({ id }) => id));
      after = data.statements.pageInfo.hasNextPage ? data.statements.pageInfo.endCursor : undefined;
    } while (after !== undefined);
    expect([...seen].sort()).toEqual(batch.map(({ id }) => id).sort());
  });

  test.each<[string, () => object, number[]]>([
    ['one actor', () => ({ actor: ben.userId }), [5, 3, 1]],
    ['a verb by its name', () => ({ verb: 'Completed' }), [2, 1, 0]],
    ['a verb by its IRI', () => ({ verb: verbs.experienced }), [5, 4, 3]],
    ['an activity by the id of an item', () => ({ activity: item }), [3, 2, 1, 0]],
    ['an activity by its IRI', () => ({ activity: `${publicUrl}/xapi/activities/${course}` }), [5, 4]],
    ['what was stored after an instant', () => ({ since: minutes(3) }), [5, 4]],
    ['what was stored up to an instant', () => ({ until: minutes(1) }), [1, 0]],
    [
      'all of time',
      () => ({ since: '0000-01-01T00:00:00Z', until: '9999-12-31T23:59:59Z' }),
      [5, 4, 3, 2, 1, 0],
    ],
    [
      'all of it at once',
      () => ({ actor: ama.userId, verb: 'completed', activity: item, since: minutes(0) }),
      [2],
    ],
    ['an activity with SQL in its name', () => ({ activity: "x:' OR '1'='1" }), []],
  ])('is narrowed to %s', async (_case, filter, numbers) => {
    const found = await list(instructor, { filter: filter() });
    expect(found).toMatchObject({ numbers, totalCount: numbers.length });
  });

  test.each([
    ['a verb that nobody knows', { filter: { verb: 'ponder' } }, ['filter', 'verb']],
    ['an empty activity', { filter: { activity: '' } }, ['filter', 'activity']],
    ['a forged cursor', { after: Buffer.from('["now","1"]').toString('base64url') }, ['after']],
    ['too large a page', { first: 101 }, ['first']],
  ])('refuses %s', async (_case, variables, field) => {
    const { errors } = await instructor.ask(statements, variables);
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field } }]);
  });
});

describe('who sees which statements', () => {
  test.each(['LEARNER', 'AUTHOR'] as const)('the role %s sees its own alone', async (role) => {
    const person = await school.person(role, ben.userId);
    expect(await list(person)).toMatchObject({ numbers: [5, 3, 1], totalCount: 3 });
    const { errors } = await person.ask(statements, { filter: { actor: ama.userId } });
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'statement.read.all' } }]);
    const other = await person.ask(one, { id: written[0]!.id });
    expect(other.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    const own = await person.ask(one, { id: written[1]!.id });
    expect(own.data).toMatchObject({ statement: { id: written[1]!.id } });
  });

  test.each(['INSTRUCTOR', 'ADMIN'] as const)("the role %s sees the organisation's", async (role) => {
    expect((await list(await school.person(role))).totalCount).toBe(6);
  });

  test('another organisation sees none, not even by id or as an entity', async () => {
    const admin = await records.school().person('ADMIN', ama.userId);
    expect((await list(admin)).totalCount).toBe(0);
    const { errors } = await admin.ask(one, { id: written[0]!.id });
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    const query =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Statement { verb { iri } } } }';
    const r = [{ __typename: 'Statement', id: written[0]!.id }];
    expect((await admin.ask(query, { r })).data).toEqual({ _entities: [null] });
    expect((await instructor.ask(query, { r })).data).toEqual({
      _entities: [{ verb: { iri: verbs.completed } }],
    });
  });

  test('visitors see nothing', async () => {
    const { errors } = await graphqlClient(records.url)(statements);
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});
