import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { runIdentity, type RunningIdentity } from './kit/identity.ts';
import { sql } from './kit/sql.ts';

let identity: RunningIdentity;
let admin: GraphQLClient;
let instructor: GraphQLClient;

/** As a dictionary has them; bytes would put de Boer, Émile, Łukasz and Zoë elsewhere. */
const inOrder = ['Ann Abel', 'Ann Abel', 'de Boer', 'Émile Z', 'Emma A', 'Łukasz', 'Marc', 'ZOE X', 'Zoë Y'];

beforeAll(async () => {
  identity = await runIdentity({ LYCEUM_DEMO: '1' });
  const school = await identity.organisation('school');
  admin = school.admin;
  instructor = (await school.member('INSTRUCTOR')).ask;
  for (const [place, name] of [...inOrder.entries()].toReversed()) {
    const roles = place % 3 === 0 ? ['AUTHOR', 'LEARNER'] : ['LEARNER'];
    const input = { name, email: `p${place}@school.example`, roles };
    await admin('mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } } }', {
      input,
    });
  }
});
afterAll(() => identity.stop());

interface Listed {
  users: {
    nodes: { id: string; name: string }[];
    edges: { cursor: string }[];
    totalCount: number;
    pageInfo: { endCursor: string; startCursor: string; hasNextPage: boolean; hasPreviousPage: boolean };
  };
}
const list = `query ($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String, $last: Int, $before: String) {
  users(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    nodes { id name } edges { cursor } totalCount
    pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
  }
}`;

const learners = { role: 'LEARNER' };

async function names(variables: Record<string, unknown>, ask = admin): Promise<string[]> {
  const { data, errors } = await ask<Listed>(list, variables);
  expect(errors).toBeUndefined();
  return data.users.nodes.map(({ name }) => name);
}

async function walk(orderBy: object, backward: boolean): Promise<string[]> {
  const walked: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = backward ? { last: 2, before: cursor } : { first: 2, after: cursor };
    const { data } = await admin<Listed>(list, { filter: learners, orderBy, ...page });
    const { nodes, pageInfo } = data.users;
    const found = nodes.map(({ name, id }) => `${name} ${id}`);
    walked.push(...(backward ? found.reverse() : found));
    if (!(backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return walked;
    cursor = backward ? pageInfo.startCursor : pageInfo.endCursor;
  }
}

describe('the order of the list', () => {
  test('by name is that of a dictionary, whatever the case and the accents', async () => {
    expect(await names({ filter: learners })).toEqual(inOrder);
    const descending = { field: 'NAME', direction: 'DESC' };
    expect(await names({ filter: learners, orderBy: descending })).toEqual(inOrder.toReversed());
  });

  test('by address and by age', async () => {
    expect(await names({ filter: learners, orderBy: { field: 'EMAIL' } })).toEqual(inOrder);
    expect(await names({ filter: learners, orderBy: { field: 'CREATED_AT' } })).toEqual(inOrder.toReversed());
  });

  test.each(
    ['NAME', 'EMAIL', 'CREATED_AT'].flatMap((field) => [
      [field, 'ASC'],
      [field, 'DESC'],
    ]),
  )('by %s %s: pages of two give each person once, forward as backward', async (field, direction) => {
    const forward = await walk({ field, direction }, false);
    expect(new Set(forward).size).toBe(inOrder.length);
    expect(await walk({ field, direction }, true)).toEqual(forward.toReversed());
  });

  test('by address is for those who see addresses', async () => {
    const { errors } = await instructor(list, { orderBy: { field: 'EMAIL' } });
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test('belongs to its cursors: one of another order is INVALID', async () => {
    const { data } = await admin<Listed>(list, { first: 1 });
    for (const field of ['EMAIL', 'CREATED_AT']) {
      const { errors } = await admin(list, { orderBy: { field }, after: data.users.pageInfo.endCursor });
      expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['after'] } }]);
    }
    const forged = Buffer.from(JSON.stringify(['CREATED_AT', 'no time', 'user_x'])).toString('base64url');
    const { errors } = await admin(list, { orderBy: { field: 'CREATED_AT' }, after: forged });
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['after'] } }]);
  });
});

describe('the filters of the list', () => {
  test('find a role in every set of roles that has it, in one order', async () => {
    expect(await names({ filter: { role: 'AUTHOR' } })).toEqual(
      inOrder.filter((_, place) => place % 3 === 0),
    );
    expect(
      await names({ filter: { role: 'AUTHOR' }, orderBy: { field: 'EMAIL', direction: 'DESC' } }),
    ).toEqual(inOrder.filter((_, place) => place % 3 === 0).toReversed());
    const { data } = await admin<Listed>(list, { filter: { role: 'AUTHOR' }, first: 1 });
    expect(data.users.totalCount).toBe(3);
  });

  test('search without regard to case and accents', async () => {
    expect(await names({ filter: { search: 'zoe' } })).toEqual(['ZOE X', 'Zoë Y']);
    expect(await names({ filter: { search: 'ZOË' } })).toEqual(['ZOE X', 'Zoë Y']);
    expect(await names({ filter: { search: 'lukasz' } })).toEqual(['Łukasz']);
    // NFKD makes a wildcard of this one.
    expect(await names({ filter: { search: '％' } })).toEqual([]);
  });

  test('tell who was removed from who is there', async () => {
    const { data } = await admin<Listed>(list, { filter: { search: 'Marc' } });
    const userId = data.users.nodes[0]!.id;
    const input = { userId };
    await admin('mutation ($input: MembershipRemoveInput!) { membershipRemove(input: $input) { userId } }', {
      input,
    });
    expect(await names({ filter: { search: 'Marc' } })).toEqual([]);
    expect(await names({ filter: { search: 'Marc', state: 'ACTIVE' } })).toEqual([]);
    expect(await names({ filter: { state: 'REMOVED' } })).toEqual(['Marc']);
    const back = { userId, roles: ['LEARNER'] };
    await admin(
      'mutation ($input: MembershipUpdateInput!) { membershipUpdate(input: $input) { user { id } } }',
      {
        input: back,
      },
    );
    expect(await names({ filter: { search: 'Marc' } })).toEqual(['Marc']);
  });

  test('find nobody where nobody has the role', async () => {
    expect(await names({ filter: { role: 'AUTHOR', search: 'Marc' } })).toEqual([]);
  });
});

test('an address that the account changes is found and ordered by in every organisation', async () => {
  await sql(
    identity.databaseUrl,
    `UPDATE "user" SET email = 'zz@school.example' WHERE email = 'p2@school.example'`,
  );
  expect(await names({ filter: { search: 'zz@school' } })).toEqual(['de Boer']);
  expect((await names({ filter: learners, orderBy: { field: 'EMAIL' } })).at(-1)).toBe('de Boer');
});

test('a name of 200 ligatures, each of which stands for 18 letters, is kept and found', async () => {
  const input = { name: '\uFDFA'.repeat(200), email: 'ligature@school.example' };
  const { errors } = await admin(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }',
    { input },
  );
  expect(errors).toBeUndefined();
  expect(await names({ filter: { search: '\uFDFA' } })).toEqual([input.name]);
});

test('the list is closed to visitors', async () => {
  const { errors } = await graphqlClient(identity.url)(list);
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});
