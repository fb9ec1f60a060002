import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { accept, register, verify } from './kit/account-flows.ts';
import { act } from './kit/acting.ts';
import { logIn, runIdentity, withStore, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { newestMail, tokenIn } from './kit/mailbox.ts';
import { endOfImport, sendFile } from './kit/people-file.ts';
import { sql } from './kit/sql.ts';
import { personOf } from '../src/domain/sign-on/federated-people.ts';
import { identityEvents } from '../src/events/identity-events.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let platform: GraphQLClient;

beforeAll(async () => {
  identity = await runIdentity();
  visitor = graphqlClient(identity.url);
  platform = await identity.loggedIn('admin');
});
afterAll(() => identity.stop());

const address = () => `${newId('somebody')}@people.example`;
const password = 'their own words';

const limit = (id: string, limits: object) =>
  act(platform, 'organisationPlanUpdate', { id, ...limits }, 'organisation { id }');

/** An organisation with its administrator, and room for so many more people. */
async function schoolWithRoom(room: number): Promise<Organisation> {
  const school = await identity.organisation(newId('school').replace('_', '-'));
  expect((await limit(school.id, { people: 1 + room })).userErrors).toEqual([]);
  return school;
}

const add = (client: GraphQLClient) =>
  act<{ user: { id: string } }>(client, 'userCreate', { name: 'New', email: address() }, 'user { id }');

const full = { userErrors: [{ code: 'PLAN_LIMIT' }] };
const done = { userErrors: [] };

/** What the database counted as it went, and what there is. */
async function counted(id: string): Promise<[number, number]> {
  const [row] = await sql<{ kept: number; found: number }>(
    identity.databaseUrl,
    `SELECT people_count AS kept, (SELECT count(*)::int FROM membership
       WHERE organisation_id = id AND roles <> '{}' AND deactivated_at IS NULL) AS found
     FROM organisation WHERE id = $1`,
    [id],
  );
  return [row!.kept, row!.found];
}

async function expectPeople(id: string, people: number): Promise<void> {
  expect(await counted(id)).toEqual([people, people]);
}

describe('where the plan has room for nobody more', () => {
  test('nobody is added', async () => {
    const { id, admin } = await schoolWithRoom(1);
    expect(await add(admin)).toMatchObject(done);
    expect(await add(admin)).toMatchObject(full);
    await expectPeople(id, 2);
  });

  test('of several who are added at once, one is', async () => {
    const { id, admin } = await schoolWithRoom(1);
    const answers = await Promise.all(Array.from({ length: 6 }, () => add(admin)));
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
    await expectPeople(id, 2);
  });

  test('nobody accepts an invitation, and it is good again once there is room', async () => {
    const { id, admin } = await schoolWithRoom(0);
    await act(admin, 'registrationUpdate', { mode: 'BY_INVITATION' }, 'organisation { id }');
    const email = address();
    await act(admin, 'invitationCreate', { email }, 'invitation { id }');
    const token = tokenIn(await newestMail(identity, email));
    expect(await accept(visitor, token, 'Guest', password)).toMatchObject(full);
    await limit(id, { people: null });
    expect(await accept(visitor, token, 'Guest', password)).toMatchObject(done);
    await expectPeople(id, 2);
  });

  test('nobody registers themselves', async () => {
    const { id, admin, slug } = await schoolWithRoom(0);
    await act(admin, 'registrationUpdate', { mode: 'OPEN' }, 'organisation { id }');
    const email = address();
    await register(visitor, { organisation: slug, name: 'New', email, password });
    const token = tokenIn(await newestMail(identity, email));
    expect(await verify(visitor, token, password)).toMatchObject(full);
    await limit(id, { people: 2 });
    expect(await verify(visitor, token, password)).toMatchObject(done);
    await expectPeople(id, 2);
  });

  test('nobody comes in by single sign-on', async () => {
    const { id: organisationId } = await schoolWithRoom(0);
    const provider = {
      id: newId('idp'),
      organisationId,
      name: 'P',
      issuer: 'https://login.example.org',
      clientId: 'c',
      sealedClientSecret: 's',
      domains: ['people.example'],
      roleClaim: null,
      roleMapping: [],
      defaultRoles: ['LEARNER'],
      enabled: true,
    };
    const claims = { sub: 'somebody', email: address(), email_verified: true } as unknown as Parameters<
      typeof personOf
    >[3];
    await withStore(identity.databaseUrl, async (store) => {
      const made = await store.identityProviders.insert(provider);
      await expect(
        store.transaction((tx) => personOf(tx, identityEvents, made, claims)),
      ).rejects.toMatchObject({ fault: 'plan_limit' });
    });
    await expectPeople(organisationId, 1);
  });

  test('nobody is taken back, and nobody let in again', async () => {
    const { id, admin } = await schoolWithRoom(2);
    const [removed, kept] = [(await add(admin)).user.id, (await add(admin)).user.id];
    await act(admin, 'membershipRemove', { userId: removed }, 'userId');
    await act(admin, 'userDeactivate', { userId: kept }, 'user { id }');
    await expectPeople(id, 1);
    await limit(id, { people: 1 });
    const back = { userId: removed, roles: ['LEARNER'] };
    expect(await act(admin, 'membershipUpdate', back, 'user { id }')).toMatchObject(full);
    expect(await act(admin, 'userReactivate', { userId: kept }, 'user { id }')).toMatchObject(full);
    await limit(id, { people: 2 });
    const both = await Promise.all([
      act(admin, 'membershipUpdate', back, 'user { id }'),
      act(admin, 'userReactivate', { userId: kept }, 'user { id }'),
    ]);
    expect(both.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
    await expectPeople(id, 2);
  });

  test('an import takes in as many as there is room for, and names the rows that it left out, also in a dry run', async () => {
    const school = await schoolWithRoom(2);
    const removed = (await add(school.admin)).user.id;
    const { data } = await school.admin<{ user: { email: string } }>(
      'query ($id: ID!) { user(id: $id) { email } }',
      { id: removed },
    );
    await act(school.admin, 'membershipRemove', { userId: removed }, 'userId');
    const boss = await bossOf(school);
    await limit(school.id, { people: 4 });
    const file = `email,name\n${address()},One\n${data.user.email},Back\n${address()},Two\n`;
    for (const dryRun of ['true', 'false']) {
      const answer = await sendFile(identity.url, boss.token, file, { dryRun });
      const { id } = (await answer.json()) as { id: string };
      expect(await endOfImport(boss.ask, id)).toMatchObject({
        created: 1,
        updated: 1,
        faultyRows: 1,
        faults: { nodes: [{ line: 4, reason: 'The plan of the organisation has room for no more people.' }] },
      });
    }
    await expectPeople(school.id, 4);
  });
});

/** A second administrator, whose token the test has. */
async function bossOf({ id, admin }: Organisation): Promise<{ token: string; ask: GraphQLClient }> {
  const email = address();
  const input = { name: 'Boss', email, password, roles: ['ADMIN'] };
  await act(admin, 'userCreate', input, 'user { id }');
  const { accessToken: token } = await logIn(visitor, email, password);
  expect(decodeJwt(token)['org']).toBe(id);
  return { token, ask: graphqlClient(identity.url, token) };
}

describe('programs and keys', () => {
  test.each([
    [
      'apiClients',
      'apiClientCreate',
      { name: 'P', permissions: ['user.list'] },
      'apiClient { id }',
      'apiClientRevoke',
    ],
    ['lrsKeys', 'lrsKeyCreate', { name: 'K' }, 'lrsKey { id }', 'lrsKeyRevoke'],
  ])(
    '%s are limited, of several at once too, and one that has ended makes room',
    async (what, create, input, fields, revoke) => {
      const { id, admin } = await identity.organisation(newId('school').replace('_', '-'));
      await limit(id, { [what]: 2 });
      const answers = await Promise.all(
        Array.from({ length: 4 }, () =>
          act<Record<string, { id: string } | null>>(admin, create, input, fields),
        ),
      );
      const made = answers.filter(({ userErrors }) => userErrors.length === 0);
      expect(made).toHaveLength(2);
      expect(answers.filter(({ userErrors }) => userErrors[0]?.code === 'PLAN_LIMIT')).toHaveLength(2);
      const [name = ''] = fields.split(' ');
      await act(admin, revoke, { id: made[0]![name]!.id }, fields);
      expect(await act(admin, create, input, fields)).toMatchObject(done);
      const { data } = await admin(`{ viewer { organisation { plan { ${what} { used limit } } } } }`);
      expect(data).toEqual({ viewer: { organisation: { plan: { [what]: { used: 2, limit: 2 } } } } });
    },
  );
});

describe('a plan', () => {
  test('that is lowered puts nobody out, and what is absent of it stays', async () => {
    const { id, admin } = await schoolWithRoom(5);
    await add(admin);
    await limit(id, { people: 1, lrsKeys: 3 });
    await limit(id, { apiClients: 7 });
    await expectPeople(id, 2);
    const { data } = await admin(
      '{ viewer { organisation { plan { people { used limit } apiClients { limit } lrsKeys { limit } } } } }',
    );
    expect(data).toEqual({
      viewer: {
        organisation: {
          plan: { people: { used: 2, limit: 1 }, apiClients: { limit: 7 }, lrsKeys: { limit: 3 } },
        },
      },
    });
    const told = await platform<{ auditEvents: { nodes: { changes: object[] }[] } }>(
      'query ($id: ID!) { auditEvents(first: 1, filter: { subjectId: $id }) { nodes { changes { field before after } } } }',
      { id },
    );
    expect(told.data.auditEvents.nodes[0]!.changes).toEqual([
      { field: 'apiClients', before: 'null', after: '7' },
    ]);
  });

  test.each([-1, 2_147_483_648])('of %p people is refused', async (people) => {
    const { id } = await schoolWithRoom(1);
    const answer = await limit(id, { people }).catch((error: unknown) => (error as Error).message);
    // What is no Int of GraphQL never comes here.
    if (typeof answer === 'string') expect(answer).toMatch(/Int/);
    else expect(answer).toMatchObject({ userErrors: [{ code: 'INVALID', field: ['input', 'people'] }] });
  });

  test('is seen by administrators, not by learners', async () => {
    const school = await schoolWithRoom(1);
    const { ask } = await school.member('LEARNER');
    const { errors } = await ask('{ viewer { organisation { plan { people { used } } } } }');
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'organisation.plan.read' } }]);
  });
});

test('the count stays that of those who are there, through everything that changes it, also many at once', async () => {
  const { id, admin } = await identity.organisation(newId('school').replace('_', '-'));
  const made = await Promise.all(Array.from({ length: 8 }, () => add(admin)));
  const [first, second, third] = made.map(({ user }) => user.id);
  await Promise.all([
    act(admin, 'membershipRemove', { userId: first }, 'userId'),
    act(admin, 'userDeactivate', { userId: second }, 'user { id }'),
    act(admin, 'membershipUpdate', { userId: third, roles: ['AUTHOR'] }, 'user { id }'),
    add(admin),
  ]);
  await expectPeople(id, 8);
  await act(admin, 'membershipUpdate', { userId: first, roles: ['LEARNER'] }, 'user { id }');
  await act(admin, 'membershipRemove', { userId: second }, 'userId');
  await expectPeople(id, 9);
  await sql(identity.databaseUrl, 'DELETE FROM membership WHERE organisation_id = $1 AND user_id = $2', [
    id,
    third,
  ]);
  await expectPeople(id, 8);
});
