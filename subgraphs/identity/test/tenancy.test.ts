import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { newId, ROLES, type Role } from '@lyceum/service';
import { entityTypes, idArguments, readSchema, graphqlClient, type GraphQLClient } from '@lyceum/testing';
import pg from 'pg';
import { logIn, runIdentity, type Member, type Organisation, type RunningIdentity } from './identity.ts';

let identity: RunningIdentity;
let owner: Organisation;
let stranger: Organisation;
let theirs: Ids;

beforeAll(async () => {
  identity = await runIdentity();
  owner = await identity.organisation('owner');
  stranger = await identity.organisation('stranger');
  theirs = await idsOf(owner, await owner.member('LEARNER'));
});
afterAll(() => identity.stop());

/** One object of each kind. */
type Ids = Readonly<
  Record<'user' | 'organisation' | 'lrsKey' | 'apiClient' | 'personalAccessToken' | 'session', string>
>;

/** A member, the session in which they ask, their organisation, and a key of it. */
async function idsOf({ id, admin }: Organisation, { userId, sessionId, ask }: Member): Promise<Ids> {
  const { data } = await admin<{
    lrsKeyCreate: { lrsKey: { id: string } };
    apiClientCreate: { apiClient: { id: string } };
  }>(
    `mutation {
      lrsKeyCreate(input: { name: "A key" }) { lrsKey { id } }
      apiClientCreate(input: { name: "A client", permissions: ["user.list"] }) { apiClient { id } }
    }`,
  );
  const own = await ask<{ personalAccessTokenCreate: { personalAccessToken: { id: string } } }>(
    `mutation ($expiresAt: DateTime!) {
      personalAccessTokenCreate(input: { name: "A token", permissions: ["course.read"], expiresAt: $expiresAt }) {
        personalAccessToken { id }
      }
    }`,
    { expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
  );
  return {
    user: userId,
    organisation: id,
    lrsKey: data.lrsKeyCreate.lrsKey.id,
    apiClient: data.apiClientCreate.apiClient.id,
    personalAccessToken: own.data.personalAccessTokenCreate.personalAccessToken.id,
    session: sessionId,
  };
}

const unknown = (): Ids => ({
  user: newId('user'),
  organisation: newId('org'),
  lrsKey: newId('lrskey'),
  apiClient: newId('apiclient'),
  personalAccessToken: newId('pat'),
  session: newId('session'),
});

type Operation = (ids: Ids) => readonly [document: string, variables: Record<string, unknown>];

const userErrors = 'userErrors { field message code }';

/** Every operation that is given an id, with a use of it that succeeds on one's own objects. */
const operations: Readonly<Record<string, Operation>> = {
  'Query.user': ({ user }) => ['query ($id: ID!) { user(id: $id) { id name roles } }', { id: user }],
  'Query.organisation': ({ organisation }) => [
    'query ($id: ID!) { organisation(id: $id) { id name slug } }',
    { id: organisation },
  ],
  'Query.auditEvents': ({ user, session }) => [
    'query ($filter: AuditEventFilter) { auditEvents(filter: $filter) { nodes { id act } } }',
    { filter: { actorId: user, subjectId: session } },
  ],
  'Mutation.sessionRevoke': ({ session }) => [
    `mutation ($input: SessionRevokeInput!) { sessionRevoke(input: $input) { sessionId ${userErrors} } }`,
    { input: { sessionId: session } },
  ],
  'Mutation.membershipUpdate': ({ user }) => [
    `mutation ($input: MembershipUpdateInput!) { membershipUpdate(input: $input) { user { id } ${userErrors} } }`,
    { input: { userId: user, roles: ['ADMIN'] } },
  ],
  'Mutation.membershipRemove': ({ user }) => [
    `mutation ($input: MembershipRemoveInput!) { membershipRemove(input: $input) { userId ${userErrors} } }`,
    { input: { userId: user } },
  ],
  'Mutation.userUpdate': ({ user }) => [
    `mutation ($input: UserUpdateInput!) { userUpdate(input: $input) { user { id } ${userErrors} } }`,
    { input: { userId: user, name: 'Another Name' } },
  ],
  'Mutation.lrsKeyRotate': ({ lrsKey }) => [
    `mutation ($input: LrsKeyRotateInput!) { lrsKeyRotate(input: $input) { lrsKey { id } ${userErrors} } }`,
    { input: { id: lrsKey } },
  ],
  'Mutation.apiClientRotate': ({ apiClient }) => [
    `mutation ($input: ApiClientRotateInput!) { apiClientRotate(input: $input) { apiClient { id } ${userErrors} } }`,
    { input: { id: apiClient } },
  ],
  'Mutation.apiClientRevoke': ({ apiClient }) => [
    `mutation ($input: ApiClientRevokeInput!) { apiClientRevoke(input: $input) { apiClient { id } ${userErrors} } }`,
    { input: { id: apiClient } },
  ],
  'Mutation.personalAccessTokenRevoke': ({ personalAccessToken }) => [
    `mutation ($input: PersonalAccessTokenRevokeInput!) {
      personalAccessTokenRevoke(input: $input) { personalAccessToken { id } ${userErrors} }
    }`,
    { input: { id: personalAccessToken } },
  ],
  'Mutation.lrsKeyRevoke': ({ lrsKey }) => [
    `mutation ($input: LrsKeyRevokeInput!) { lrsKeyRevoke(input: $input) { lrsKey { id } ${userErrors} } }`,
    { input: { id: lrsKey } },
  ],
};

const valueAt = (variables: object, path: string) =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], variables);

test('the table has every operation of the schema that takes an id, and gives it each of them', async () => {
  const taking = idArguments(await readSchema((await owner.member('LEARNER')).ask));
  expect(Object.keys(operations).sort()).toEqual([...taking.keys()].sort());
  for (const [name, paths] of taking) {
    const [, variables] = operations[name]!(unknown());
    // An argument of a query is the variable of the same name.
    for (const path of paths)
      expect([name, path, valueAt(variables, path)]).toEqual([name, path, expect.anything()]);
  }
});

/** What a client is told, without the id that it asked for. */
async function answerTo(client: GraphQLClient, operation: Operation, ids: Ids): Promise<string> {
  const { data, errors } = await client<object>(...operation(ids));
  return Object.values(ids).reduce((text, id) => text.replaceAll(id, '…'), JSON.stringify({ data, errors }));
}

const everyRole: readonly (readonly Role[])[] = [...ROLES.map((role) => [role]), ROLES];

/** What there is to see of the owner's objects, as the owner sees it. */
async function ownersView(): Promise<unknown> {
  const { data } = await owner.admin(
    `query ($user: ID!) {
      user(id: $user) { name email roles createdAt } viewer { organisation { id name slug } }
      lrsKeys { nodes { id name revokedAt } } apiClients { nodes { id name revokedAt } } users { nodes { id name roles } }
    }`,
    { user: theirs.user },
  );
  return data;
}

describe.each(Object.keys(operations))('%s', (name) => {
  const operation = operations[name]!;

  test("answers another organisation's id as one that nothing has, whatever the role", async () => {
    const before = await ownersView();
    for (const roles of everyRole) {
      const member = await stranger.member(...roles);
      const said = await answerTo(member.ask, operation, theirs);
      expect(said).toBe(await answerTo(member.ask, operation, unknown()));
      expect(said).toMatch(/"code":"(NOT_FOUND|FORBIDDEN)"|"nodes":\[\]/);
    }
    expect(await ownersView()).toEqual(before);
  });

  test("works on one's own objects", async () => {
    const member = await stranger.member(...ROLES);
    const { data, errors } = await member.ask<Record<string, { userErrors?: unknown[] }>>(
      ...operation(await idsOf(stranger, member)),
    );
    expect(errors).toBeUndefined();
    expect(Object.values(data)[0]?.userErrors ?? []).toEqual([]);
  });
});

test("another organisation's people and keys are in no list", async () => {
  const elsewhere = await identity.organisation('elsewhere');
  const { ask, userId } = await elsewhere.member(...ROLES);
  const { data } = await ask<{ users: { nodes: { id: string }[]; totalCount: number } }>(
    '{ users { nodes { id } totalCount } lrsKeys { nodes { id } totalCount } }',
  );
  expect(data).toMatchObject({ users: { totalCount: 2 }, lrsKeys: { nodes: [], totalCount: 0 } });
  expect(data.users.nodes.map(({ id }) => id)).toContain(userId);
});

describe('entities', () => {
  const idOf: Readonly<Record<string, keyof Ids>> = {
    User: 'user',
    Organisation: 'organisation',
    LrsKey: 'lrsKey',
    ApiClient: 'apiClient',
  };

  test('are all in the table', async () => {
    expect(Object.keys(idOf).sort()).toEqual(
      entityTypes(await readSchema((await owner.member('LEARNER')).ask)).sort(),
    );
  });

  const find = async (client: GraphQLClient, type: string, id: string) => {
    const { data, errors } = await client<{ _entities: unknown[] }>(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { id name } } }`,
      { of: [{ __typename: type, id }] },
    );
    expect(errors).toBeUndefined();
    return data._entities;
  };

  test.each(Object.keys(idOf))('%s of another organisation is none, whatever the role', async (type) => {
    const id = theirs[idOf[type]!];
    for (const roles of everyRole) {
      expect(await find((await stranger.member(...roles)).ask, type, id)).toEqual([null]);
      expect(await find((await owner.member(...roles)).ask, type, id)).toMatchObject([{ id }]);
    }
  });
});

/** What the service sends to its tables, but for its outbox, while `work` runs. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const send = jest.spyOn(pg.Client.prototype, 'query');
  try {
    await work();
    const sent = send.mock.calls as unknown as [string | { text: string }][];
    const texts = sent.map(([query]) => (typeof query === 'string' ? query : query.text));
    return [...new Set(texts)].filter(
      (text) => /\b(FROM|INTO|UPDATE)\b/i.test(text) && !/\b(outbox|inbox)\b/.test(text),
    );
  } finally {
    send.mockRestore();
  }
}

/** Accounts are no organisation's; and none is known yet of who logs in, or shows a refresh token. */
const ofNoOrganisation = [
  // Of each act, its own: the function takes it out of the act.
  /audit_append/,
  // Guesses are counted before anybody is known.
  /guess_limit/,
  /(FROM|INTO) "public"\."(user|refresh_token)" /,
  /UPDATE "public"\."refresh_token" /,
  /FROM "public"\."membership" LEFT JOIN "public"\."user" AS "j0" .* WHERE \(\("j0"\."email" = \$1/,
  /FROM "public"\."session" WHERE \("public"\."session"\."id" = \$1 AND 1=1\)/,
];

/** Does the statement itself name whose rows it reads or writes? */
function namesOrganisation(statement: string): boolean {
  if (/^\s*INSERT/i.test(statement)) return statement.includes('organisation_id');
  const [, condition = ''] = /\bWHERE\b([^]*?)(\bRETURNING\b|\bORDER BY\b|$)/i.exec(statement) ?? [];
  const ofOrganisation = /FROM ("public"\.)?"?organisation"? WHERE [^ ]*\bid"? (=|IN)/;
  return condition.includes('organisation_id') || ofOrganisation.test(statement);
}

test('every statement names the organisation whose rows it reads, locks or writes', async () => {
  const member = await stranger.member(...ROLES);
  const own = await idsOf(stranger, member);
  const statements = await statementsOf(async () => {
    for (const operation of Object.values(operations)) await member.ask(...operation(own));
    await member.ask('{ viewer { sessions(first: 5) { nodes { id } totalCount } } }');
    await member.ask(
      'mutation ($input: PasswordChangeInput!) { passwordChange(input: $input) { userErrors { code } } }',
      { input: { currentPassword: 'lyceum-demo', newPassword: 'lyceum-demo-2' } },
    );
    await member.ask('mutation { sessionsRevoke(input: { keepCurrent: true }) { ended } }');
    await member.ask(
      '{ users(filter: { search: "some" }) { nodes { name } totalCount } lrsKeys { nodes { id } totalCount } }',
    );
    const visitor = graphqlClient(identity.url);
    const { refreshToken } = await logIn(visitor, 'learner@lyceum.example');
    await visitor(
      'mutation ($input: SessionRefreshInput!) { sessionRefresh(input: $input) { userErrors { code } } }',
      { input: { refreshToken } },
    );
  });
  for (const table of ['membership', 'lrs_key', 'session', 'organisation']) {
    expect(statements.some((text) => new RegExp(`\\b${table}\\b`).test(text))).toBe(true);
  }
  const unnamed = statements.filter((text) => !namesOrganisation(text));
  expect(unnamed.filter((text) => !ofNoOrganisation.some((known) => known.test(text)))).toEqual([]);
});
