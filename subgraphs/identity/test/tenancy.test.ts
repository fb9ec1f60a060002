import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, ROLES, type Role } from '@lyceum/service';
import {
  entityTypes,
  graphqlClient,
  idArguments,
  readSchema,
  subscribe,
  type GraphQLClient,
} from '@lyceum/testing';
import { startDnsServer, type DnsServer } from './kit/dns-server.ts';
import { logIn, runIdentity, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { createObjects, unknown, type Ids } from './kit/tenancy-objects.ts';
import { operationOf, operations, streams, type Operation } from './kit/tenancy-operations.ts';

let dns: DnsServer;
let identity: RunningIdentity;
let idsOf: ReturnType<typeof createObjects>['idsOf'];
let owner: Organisation;
let stranger: Organisation;
let theirs: Ids;

beforeAll(async () => {
  dns = await startDnsServer();
  identity = await runIdentity({ DNS_SERVERS: dns.address });
  ({ idsOf } = createObjects({ identity, dns }));
  owner = await identity.organisation('owner');
  stranger = await identity.organisation('stranger');
  theirs = await idsOf(owner, await owner.member('LEARNER'));
});
afterAll(async () => {
  await identity.stop();
  await dns.stop();
});

test("a subscription to another organisation's job is answered as one to a job that nothing has", async () => {
  const { accessToken } = await logIn(graphqlClient(identity.url), 'admin@lyceum.example');
  const codes = [];
  for (const id of [theirs.privacyJob, unknown().privacyJob]) {
    const query = 'subscription ($id: ID!) { privacyJobChanged(id: $id) { id } }';
    const live = subscribe(identity.url, query, { token: accessToken, variables: { id } });
    const { data, errors } = await live.next();
    codes.push(JSON.stringify([data, errors]).replaceAll(id, '…'));
    await live.close();
  }
  expect(codes[0]).toBe(codes[1]);
  expect(codes[0]).toContain('NOT_FOUND');
});

const valueAt = (variables: object, path: string) =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], variables);

test('the table has every operation of the schema that takes an id, and gives it each of them', async () => {
  const taking = idArguments(await readSchema((await owner.member('LEARNER')).ask));
  const uses = Object.keys(operations);
  expect([...new Set([...uses.map(operationOf), ...streams])].sort()).toEqual([...taking.keys()].sort());
  for (const [name, paths] of taking) {
    if (streams.includes(name)) continue;
    const given = uses
      .filter((use) => operationOf(use) === name)
      .map((use) => operations[use]!(unknown())[1]);
    // An argument of a query is the variable of the same name.
    for (const path of paths) {
      const value = given.map((variables) => valueAt(variables, path)).find((each) => each !== undefined);
      expect([name, path, value]).toEqual([name, path, expect.anything()]);
    }
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
      lrsKeys { nodes { id name revokedAt } } groups { nodes { id name description members { nodes { id } } } }
      invitations { nodes { id state expiresAt } } users { nodes { id name roles grants { id } } } roles { nodes { id name } }
      apiClients { nodes { id name revokedAt } } identityProviders { nodes { id name } }
    }`,
    { user: theirs.user },
  );
  return data;
}

/** These are about organisations, which who stands above them is not in. */
const aboveAll = new Set([
  'Mutation.organisationAdministratorInvite',
  'Mutation.organisationSuspend',
  'Mutation.organisationReinstate',
  'Mutation.organisationPlanUpdate',
]);

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

  test("works on one's own objects, or for who stands above all on any organisation", async () => {
    if (aboveAll.has(name)) {
      expect(await answerOfAbove(operation)).toEqual([]);
      return;
    }
    const member = await stranger.member(...ROLES);
    const { data, errors } = await member.ask<Record<string, { userErrors?: unknown[] }>>(
      ...operation(await idsOf(stranger, member)),
    );
    expect(errors).toBeUndefined();
    // Nobody resets their own second factors.
    const refused = name === 'Mutation.secondFactorsReset' ? [{ code: 'CONFLICT' }] : [];
    expect(Object.values(data)[0]?.userErrors ?? []).toMatchObject(refused);
  });
});

/** What the platform is told of an operation on an organisation that it made; nothing is wrong. */
async function answerOfAbove(operation: Operation): Promise<unknown> {
  const platform = await identity.loggedIn('admin');
  const slug = newId('made').replace('_', '-');
  const made = await platform<{ organisationCreate: { organisation: { id: string } } }>(
    `mutation ($input: OrganisationCreateInput!) { organisationCreate(input: $input) { organisation { id } } }`,
    { input: { slug, name: 'Made', administratorEmail: `${slug}@lyceum.example` } },
  );
  const { id: organisation } = made.data.organisationCreate.organisation;
  const { data, errors } = await platform<Record<string, { userErrors: unknown[] }>>(
    ...operation({ ...unknown(), organisation }),
  );
  return errors ?? Object.values(data)[0]?.userErrors;
}

test("another organisation's people and keys are in no list", async () => {
  const elsewhere = await identity.organisation('elsewhere');
  const { ask, userId } = await elsewhere.member(...ROLES);
  const { data } = await ask<{ users: { nodes: { id: string }[]; totalCount: number } }>(
    `{ users { nodes { id } totalCount } lrsKeys { nodes { id } totalCount }
      invitations { nodes { id } totalCount } }`,
  );
  const none = { nodes: [], totalCount: 0 };
  expect(data).toMatchObject({ users: { totalCount: 2 }, lrsKeys: none, invitations: none });
  expect(data.users.nodes.map(({ id }) => id)).toContain(userId);
});

describe('entities', () => {
  const idOf: Readonly<Record<string, keyof Ids>> = {
    User: 'user',
    Organisation: 'organisation',
    LrsKey: 'lrsKey',
    Group: 'group',
    Invitation: 'invitation',
    PrivacyJob: 'privacyJob',
    CustomRole: 'role',
    ApiClient: 'apiClient',
  };

  test('are all in the table', async () => {
    expect(Object.keys(idOf).sort()).toEqual(
      entityTypes(await readSchema((await owner.member('LEARNER')).ask)).sort(),
    );
  });

  const find = async (client: GraphQLClient, type: string, id: string) => {
    const { data, errors } = await client<{ _entities: unknown[] }>(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { id __typename } } }`,
      { of: [{ __typename: type, id }] },
    );
    expect(errors).toBeUndefined();
    return data._entities;
  };

  test.each(Object.keys(idOf))('%s of another organisation is none, whatever the role', async (type) => {
    const id = theirs[idOf[type]!];
    for (const roles of everyRole) {
      expect(await find((await stranger.member(...roles)).ask, type, id)).toEqual([null]);
      // Roles are seen with role.read alone, and others' privacy jobs with privacy-job.read.
      const isSeen = !['CustomRole', 'PrivacyJob'].includes(type) || roles.includes('ADMIN');
      expect(await find((await owner.member(...roles)).ask, type, id)).toMatchObject([
        isSeen ? { id } : null,
      ]);
    }
  });
});
