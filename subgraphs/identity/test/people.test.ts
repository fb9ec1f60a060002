import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { logIn, runIdentity, tryLogIn, type RunningIdentity } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';

let identity: RunningIdentity;
let admin: GraphQLClient;
let learner: GraphQLClient;

beforeAll(async () => {
  identity = await runIdentity();
  admin = await identity.loggedIn('admin');
  learner = await identity.loggedIn('learner');
});
afterAll(() => identity.stop());

interface People {
  users: {
    nodes: { id: string; name: string; email: string; roles: string[] }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
    totalCount: number;
  };
}
const people = `query ($filter: UserFilter, $first: Int, $after: String, $last: Int, $before: String) {
  users(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    nodes { id name email roles } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

interface Found {
  users: { nodes: { name: string }[]; totalCount: number };
}
const names = 'query ($filter: UserFilter) { users(filter: $filter) { nodes { name } totalCount } }';

describe('the list of people', () => {
  test('is walked forward and backward page by page', async () => {
    const first = (await admin<People>(people, { first: 3 })).data.users;
    expect(first.nodes.map(({ name }) => name)).toEqual(['Ada Okafor', 'Benoît Laurent', 'Chiyo Tanaka']);
    expect(first).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const rest = (await admin<People>(people, { first: 3, after: first.pageInfo.endCursor })).data.users;
    expect(rest.nodes.map(({ name }) => name)).toEqual(['Dilnoza Karimova']);
    expect(rest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const back = (await admin<People>(people, { last: 2, before: rest.pageInfo.startCursor })).data.users;
    expect(back.nodes.map(({ name }) => name)).toEqual(['Benoît Laurent', 'Chiyo Tanaka']);
    expect(back.pageInfo.hasPreviousPage).toBe(true);
  });

  test('is searched by name and filtered by role', async () => {
    const found = await admin<People>(people, { filter: { search: 'dilNOZA' } });
    expect(found.data.users.nodes).toMatchObject([{ email: 'learner@lyceum.example', roles: ['LEARNER'] }]);
    const authors = await admin<People>(people, { filter: { role: 'AUTHOR' } });
    expect(authors.data.users.nodes).toMatchObject([{ name: 'Benoît Laurent' }]);
  });

  test.each([
    ['more than 100 a page', { first: 101 }, 'first', 'first must be from 1 to 100; it was 101.'],
    ['a forged cursor', { after: 'bm9uc2Vuc2U' }, 'after', 'after is not a cursor that this list gave out.'],
    ['both directions at once', { first: 1, last: 1 }, 'last', 'Give first or last, not both.'],
  ])('refuses %s and names the argument', async (_case, variables, field, message) => {
    const { errors } = await admin(people, variables);
    expect(errors).toMatchObject([{ message, extensions: { code: 'INVALID', field: [field] } }]);
  });

  test('is searched by address by administrators alone: an instructor may not guess one letter by letter', async () => {
    const instructor = await identity.loggedIn('instructor');
    for (const search of ['learner@', 'lyceum.example', 'LEARNER@LYCEUM.EXAMPLE']) {
      expect((await admin<People>(people, { filter: { search } })).data.users.totalCount).toBeGreaterThan(0);
      const { data } = await instructor<Found>(names, { filter: { search } });
      expect(data.users).toEqual({ nodes: [], totalCount: 0 });
    }
    const { data } = await instructor<Found>(names, { filter: { search: 'dilnoza' } });
    expect(data.users).toEqual({ nodes: [{ name: 'Dilnoza Karimova' }], totalCount: 1 });
  });

  test('is searched for the characters that are given, none of which stands for others', async () => {
    const name = String.raw`50% off_\o/`;
    await admin(create, { input: { name, email: 'odd@lyceum.example' } });
    for (const search of ['%', '_', '\\', '50%', 'f_\\o']) {
      const { data } = await admin<Found>(names, { filter: { search } });
      expect(data.users).toEqual({ nodes: [{ name }], totalCount: 1 });
    }
    for (const search of ['5_%', 'D%a', 'Dilno_a', '\\\\']) {
      expect((await admin<Found>(names, { filter: { search } })).data.users.totalCount).toBe(0);
    }
  });

  test.each(['a\u0000b', 'a\ud800b', 'x'.repeat(201)])('a search for %j is INVALID', async (search) => {
    for (const query of [people, 'query ($filter: UserFilter) { users(filter: $filter) { totalCount } }']) {
      const { errors } = await admin(query, { filter: { search } });
      expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['filter', 'search'] } }]);
    }
  });

  test('is not for learners, who are told which permission is missing', async () => {
    const { errors } = await learner(people);
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'user.list' } }]);
  });

  test('is not for visitors', async () => {
    const { errors } = await graphqlClient(identity.url)(people);
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

interface Created {
  userCreate: {
    user: { id: string } | null;
    userErrors: { field: string[]; code: string; message: string }[];
  };
}
const create = `mutation ($input: UserCreateInput!) {
  userCreate(input: $input) { user { id name roles } userErrors { field code message } }
}`;

describe('adding a person', () => {
  test('lets them log in', async () => {
    const input = { name: 'Esi Mensah', email: 'Esi@lyceum.example', password: 'long enough' };
    const { data } = await admin<Created>(create, { input });
    expect(data.userCreate).toMatchObject({
      user: { name: 'Esi Mensah', roles: ['LEARNER'] },
      userErrors: [],
    });
    const { data: session } = await graphqlClient(identity.url)<{ sessionCreate: { userErrors: object[] } }>(
      'mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) { userErrors { code } } }',
      { input: { email: input.email, password: input.password } },
    );
    expect(session.sessionCreate.userErrors).toEqual([]);
  });

  test('takes a name of 200 characters, whatever white space is around it', async () => {
    const input = { name: `${' '.repeat(50)}${'x'.repeat(200)} `, email: 'long@lyceum.example' };
    const { data } = await admin<Created>(create, { input });
    expect(data.userCreate).toMatchObject({ user: { name: 'x'.repeat(200) }, userErrors: [] });
  });

  test.each([
    ['an empty name', { name: ' ', email: 'x@lyceum.example' }, ['input', 'name'], 'INVALID'],
    ['a long name', { name: 'x'.repeat(201), email: 'x@lyceum.example' }, ['input', 'name'], 'INVALID'],
    ['half a character', { name: 'a\ud800b', email: 'x@lyceum.example' }, ['input', 'name'], 'INVALID'],
    ['a control character', { name: 'a\u0007b', email: 'x@lyceum.example' }, ['input', 'name'], 'INVALID'],
    ['U+0000 in the name', { name: 'a\0b', email: 'x@lyceum.example' }, ['input', 'name'], 'INVALID'],
    [
      'half a character in the address',
      { name: 'X', email: 'x\ud800@a.example' },
      ['input', 'email'],
      'INVALID',
    ],
    ['U+0000 in the address', { name: 'X', email: 'x\0@a.example' }, ['input', 'email'], 'INVALID'],
    ['no e-mail address', { name: 'X', email: 'x at lyceum' }, ['input', 'email'], 'INVALID'],
    [
      'a short password',
      { name: 'X', email: 'x@lyceum.example', password: '1234567' },
      ['input', 'password'],
      'INVALID',
    ],
    ['no role', { name: 'X', email: 'x@lyceum.example', roles: [] }, ['input', 'roles'], 'INVALID'],
    [
      'an address that is taken',
      { name: 'X', email: 'LEARNER@lyceum.example' },
      ['input', 'email'],
      'EMAIL_TAKEN',
    ],
  ])('with %s names the field', async (_case, input, field, code) => {
    const { data } = await admin<Created>(create, { input });
    expect(data.userCreate).toMatchObject({ user: null, userErrors: [{ field, code }] });
  });

  test('by two administrators at once with one address makes one account', async () => {
    const inputs = Array.from({ length: 8 }, () => ({ name: 'Femi', email: 'femi@lyceum.example' }));
    const answers = await Promise.all(inputs.map((input) => admin<Created>(create, { input })));
    const outcomes = answers.map(({ data }) => data.userCreate.userErrors[0]?.code ?? 'created');
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'EMAIL_TAKEN')).toHaveLength(7);
  });
});

const changeRoles = `mutation ($input: MembershipUpdateInput!) {
  membershipUpdate(input: $input) { user { roles } userErrors { field code } }
}`;

test('the last administrator stays one', async () => {
  const { data: me } = await admin<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
  const { data } = await admin(changeRoles, { input: { userId: me.viewer.user.id, roles: ['LEARNER'] } });
  expect(data).toMatchObject({
    membershipUpdate: { user: null, userErrors: [{ field: ['input', 'roles'], code: 'LAST_ADMIN' }] },
  });
});

const remove = `mutation ($id: ID!) {
  membershipRemove(input: { userId: $id }) { userId userErrors { field code } }
}`;

describe('removing a person', () => {
  interface Refreshed {
    sessionRefresh: { userErrors: { code: string }[] };
  }

  test('ends their sessions and lets them in no more; what they are called stays; it can be taken back', async () => {
    const visitor = graphqlClient(identity.url);
    const input = { name: 'Gone Soon', email: 'gone@lyceum.example', password: 'long enough' };
    const id = (await admin<Created>(create, { input })).data.userCreate.user!.id;
    const { refreshToken } = await logIn(visitor, input.email, input.password);
    const removed = { membershipRemove: { userId: id, userErrors: [] } };
    expect((await admin(remove, { id })).data).toEqual(removed);

    const { email, password } = input;
    expect((await tryLogIn(visitor, { email, password })).userErrors).toMatchObject([
      { code: 'CREDENTIALS_REFUSED' },
    ]);
    const refresh = async () => {
      const { data } = await visitor<Refreshed>(
        'mutation ($token: String!) { sessionRefresh(input: { refreshToken: $token }) { userErrors { code } } }',
        { token: refreshToken },
      );
      return data.sessionRefresh.userErrors;
    };
    expect(await refresh()).toEqual([{ code: 'SESSION_ENDED' }]);
    const seen = await admin('query ($id: ID!) { user(id: $id) { name roles } }', { id });
    expect(seen.data).toEqual({ user: { name: 'Gone Soon', roles: [] } });
    const listed = await admin<People>(people, { filter: { search: 'Gone Soon' } });
    expect(listed.data.users.totalCount).toBe(0);
    await publishedEvents(identity, (events) => {
      const told = events.flatMap(({ type, subject, data }) =>
        type === 'membership.changed' && subject === id ? [data] : [],
      );
      expect(told).toMatchObject([{ membership: { roles: ['LEARNER'] } }, { membership: { roles: [] } }]);
    });

    const again = {
      membershipRemove: { userId: null, userErrors: [{ field: ['input', 'userId'], code: 'NOT_FOUND' }] },
    };
    expect((await admin(remove, { id })).data).toEqual(again);
    await admin(changeRoles, { input: { userId: id, roles: ['LEARNER'] } });
    await logIn(visitor, input.email, input.password);
    expect(await refresh()).toEqual([{ code: 'SESSION_ENDED' }]);
  });

  test('who is the last administrator is refused, and changes nothing', async () => {
    const { data: me } = await admin<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
    const { id } = me.viewer.user;
    expect((await admin(remove, { id })).data).toEqual({
      membershipRemove: { userId: null, userErrors: [{ field: ['input', 'userId'], code: 'LAST_ADMIN' }] },
    });
    expect((await admin('{ viewer { user { roles } } }')).data).toEqual({
      viewer: { user: { roles: ['ADMIN', 'PLATFORM_ADMIN'] } },
    });
    await identity.loggedIn('admin');
  });

  test('is for administrators', async () => {
    const { errors } = await learner(remove, { id: newId('user') });
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});

test('who is an administrator no longer can do nothing with the token of before', async () => {
  const organisation = await identity.organisation('demoted');
  const boss = organisation.admin;
  const { ask, userId } = await organisation.member('ADMIN');
  const { userId: other } = await organisation.member('LEARNER');
  await boss(changeRoles, { input: { userId, roles: ['LEARNER'] } });
  const attempts: [string, Record<string, unknown>][] = [
    [changeRoles, { input: { userId, roles: ['ADMIN'] } }],
    [remove, { id: other }],
    [rename, { input: { userId: other, name: 'Mine' } }],
    [create, { input: { name: 'Me Again', email: 'again@lyceum.example', roles: ['ADMIN'] } }],
    ['mutation { lrsKeyCreate(input: { name: "Mine" }) { secret } }', {}],
    ['mutation ($id: ID!) { lrsKeyRevoke(input: { id: $id }) { lrsKey { id } } }', { id: newId('lrskey') }],
  ];
  for (const [operation, variables] of attempts) {
    const { errors } = await ask(operation, variables);
    expect(errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN', missing: expect.stringMatching(/^[a-z-]+\.[a-z]+$/) } },
    ]);
  }
  const { data } = await boss<People>(people);
  expect(data.users.nodes.map(({ roles }) => roles).sort()).toEqual([['ADMIN'], ['LEARNER'], ['LEARNER']]);
});

const rename = `mutation ($input: UserUpdateInput!) {
  userUpdate(input: $input) { user { name } userErrors { field code } }
}`;

describe('another name', () => {
  test('is the person’s to choose, and an administrator’s', async () => {
    const { accessToken } = await logIn(graphqlClient(identity.url), 'author@lyceum.example');
    const author = graphqlClient(identity.url, accessToken);
    const id = decodeJwt(accessToken).sub;
    const own = await author(rename, { input: { name: '  Renamed by Herself ' } });
    expect(own.data).toEqual({ userUpdate: { user: { name: 'Renamed by Herself' }, userErrors: [] } });
    const by = await admin(rename, { input: { userId: id, name: 'Renamed by Admin' } });
    expect(by.data).toEqual({ userUpdate: { user: { name: 'Renamed by Admin' }, userErrors: [] } });
    expect((await author('{ viewer { user { name } } }')).data).toEqual({
      viewer: { user: { name: 'Renamed by Admin' } },
    });
  });

  test('for somebody else is FORBIDDEN to others, whether or not they exist', async () => {
    const { data } = await admin<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
    for (const userId of [data.viewer.user.id, newId('user')]) {
      const { errors } = await learner(rename, { input: { userId, name: 'Mine' } });
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'user.update' } }]);
    }
  });

  test.each(['', ' ', 'a\u0007b', 'x'.repeat(201)])('%j is INVALID', async (name) => {
    const { data } = await learner(rename, { input: { name } });
    expect(data).toEqual({
      userUpdate: { user: null, userErrors: [{ field: ['input', 'name'], code: 'INVALID' }] },
    });
  });

  test('for nobody is NOT_FOUND', async () => {
    const { data } = await admin(rename, { input: { userId: newId('user'), name: 'Nobody' } });
    expect(data).toMatchObject({
      userUpdate: { userErrors: [{ field: ['input', 'userId'], code: 'NOT_FOUND' }] },
    });
  });
});

test('an address is seen by the person and by administrators; to others it is FORBIDDEN', async () => {
  const { data } = await learner<{ viewer: { user: { id: string; email: string } } }>(
    '{ viewer { user { id email } } }',
  );
  expect(data.viewer.user.email).toBe('learner@lyceum.example');
  const author = await identity.loggedIn('author');
  const { errors } = await author('query ($id: ID!) { user(id: $id) { name email } }', {
    id: data.viewer.user.id,
  });
  expect(errors).toMatchObject([{ path: ['user', 'email'], extensions: { code: 'FORBIDDEN' } }]);
});

test('an unknown id is NOT_FOUND, in queries and in mutations', async () => {
  const id = newId('user');
  const query = await admin('query ($id: ID!) { user(id: $id) { name } }', { id });
  expect(query.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  const { data } = await admin(changeRoles, { input: { userId: id, roles: ['LEARNER'] } });
  expect(data).toMatchObject({ membershipUpdate: { userErrors: [{ code: 'NOT_FOUND' }] } });
});
