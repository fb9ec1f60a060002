import { afterEach, expect, test } from '@jest/globals';
import { graphqlClient } from '@lyceum/testing';
import { bootstrapOrganisation } from '../src/domain/bootstrap.ts';
import { identityEvents } from '../src/events/identity-events.ts';
import { logIn, runIdentity, tryLogIn, withStore, type RunningIdentity } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';
import { sql } from './kit/sql.ts';

const production = {
  NODE_ENV: 'production',
  LYCEUM_DEMO: '0',
  KEY_ENCRYPTION_SECRET: 'a secret of our own',
  GATEWAY_SECRET: 'another one of our own',
  SMTP_URL: 'files',
};
const first = {
  BOOTSTRAP_ORGANISATION: 'École du Nord',
  BOOTSTRAP_ADMIN_EMAIL: 'Head@nord.example',
  BOOTSTRAP_ADMIN_PASSWORD: 'chosen by the head',
};
const second = {
  BOOTSTRAP_ORGANISATION: 'Another',
  BOOTSTRAP_ADMIN_EMAIL: 'another@nord.example',
  BOOTSTRAP_ADMIN_PASSWORD: 'chosen by another',
};

const started: RunningIdentity[] = [];
afterEach(async () => {
  for (const identity of started.splice(0)) await identity.stop();
});

async function start(environment: NodeJS.ProcessEnv): Promise<RunningIdentity> {
  const identity = await runIdentity({ ...production, ...environment });
  started.push(identity);
  return identity;
}

/** Another start on the same database and log. */
const startOn = ({ databaseUrl, dataDirectory }: RunningIdentity, environment: NodeJS.ProcessEnv) =>
  start({ DATABASE_URL: databaseUrl, LYCEUM_DATA_DIR: dataDirectory, ...environment });

const credentialsOf = (given: typeof first) => ({
  email: given.BOOTSTRAP_ADMIN_EMAIL,
  password: given.BOOTSTRAP_ADMIN_PASSWORD,
});

async function administrator({ url }: RunningIdentity, given: typeof first) {
  const { email, password } = credentialsOf(given);
  return graphqlClient(url, (await logIn(graphqlClient(url), email, password)).accessToken);
}

const everybody = '{ viewer { organisation { slug name } } users { nodes { name email roles } } }';

test('the first start in production makes the organisation, whose administrator logs in and adds people', async () => {
  const identity = await start(first);
  const admin = await administrator(identity, first);
  expect((await admin(everybody)).data).toEqual({
    viewer: { organisation: { slug: 'ecole-du-nord', name: 'École du Nord' } },
    users: {
      nodes: [{ name: 'Administrator', email: 'head@nord.example', roles: ['ADMIN', 'PLATFORM_ADMIN'] }],
    },
  });
  const input = { name: 'Esi', email: 'esi@nord.example', password: 'chosen by Esi', roles: ['AUTHOR'] };
  await admin('mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } } }', { input });
  await logIn(graphqlClient(identity.url), input.email, input.password);
  const events = await publishedEvents(identity, (known) => {
    expect(known).toHaveLength(5);
  });
  expect(events.map(({ type }) => type).sort()).toEqual([
    'membership.changed',
    'membership.changed',
    'organisation.created',
    'user.registered',
    'user.registered',
  ]);
});

test('a later start changes nothing, whatever the variables say then', async () => {
  const identity = await start(first);
  for (const given of [second, { ...first, BOOTSTRAP_ADMIN_PASSWORD: 'another password' }]) {
    const again = await startOn(identity, given);
    const refused = await tryLogIn(graphqlClient(again.url), credentialsOf(given));
    expect(refused).toMatchObject({ tokens: null, userErrors: [{ code: 'CREDENTIALS_REFUSED' }] });
    const admin = await administrator(again, first);
    expect((await admin<{ users: { nodes: object[] } }>(everybody)).data.users.nodes).toHaveLength(1);
  }
});

test('of several that would make it at the same moment, one does', async () => {
  const { databaseUrl } = await start({});
  const attempts = Array.from({ length: 6 }, (_none, number) => {
    const given = {
      name: `N${number}`,
      slug: `n${number}`,
      email: `n${number}@a.example`,
      password: 'any password',
    };
    return withStore(databaseUrl, (store) => bootstrapOrganisation(store, identityEvents, given));
  });
  expect((await Promise.all(attempts)).filter((made) => made)).toHaveLength(1);
});

test('of several instances that start at once, one makes the organisation', async () => {
  const empty = await start({});
  const instances = await Promise.all([first, second, first, second].map((given) => startOn(empty, given)));
  const outcomes = await Promise.all(
    [first, second].map((given) => tryLogIn(graphqlClient(empty.url), credentialsOf(given))),
  );
  const made = [first, second].filter((_given, place) => outcomes[place]!.tokens !== null);
  expect(made).toHaveLength(1);
  for (const instance of instances) {
    const admin = await administrator(instance, made[0]!);
    expect((await admin<{ users: { nodes: object[] } }>(everybody)).data.users.nodes).toHaveLength(1);
  }
  const events = await publishedEvents(empty, (known) => {
    expect(known.map(({ type }) => type)).toContain('organisation.created');
  });
  expect(events.filter(({ type }) => type === 'organisation.created')).toHaveLength(1);
});

test('without the variables there is nobody, and with them later there is', async () => {
  const empty = await start({});
  expect(await withStore(empty.databaseUrl, (store) => store.organisations.exists())).toBe(false);
  await administrator(await startOn(empty, first), first);
});

test('beside the demo organisation both are there', async () => {
  const identity = await start({ ...first, NODE_ENV: 'development', LYCEUM_DEMO: '1' });
  await administrator(identity, first);
  await identity.loggedIn('learner');
});

test('data that holds the accounts of the demo is refused in production', async () => {
  const demo = await runIdentity({ LYCEUM_DEMO: '1' });
  started.push(demo);
  await expect(startOn(demo, {})).rejects.toThrow(/holds the demo's account admin@lyceum\.example/);
});

test('where nobody stands above the organisations, PLATFORM_ADMIN_EMAIL says who of the platform does, once', async () => {
  const identity = await start(first);
  const admin = await administrator(identity, first);
  const people = ['esi@nord.example', 'kofi@nord.example'];
  for (const email of people) {
    const input = { name: email, email, password: 'chosen by them', roles: ['AUTHOR'] };
    await admin('mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } } }', {
      input,
    });
  }
  await sql(identity.databaseUrl, "UPDATE membership SET roles = array_remove(roles, 'PLATFORM_ADMIN')");
  const above = () =>
    sql<{ email: string; roles: string[] }>(
      identity.databaseUrl,
      "SELECT email, roles FROM membership WHERE 'PLATFORM_ADMIN' = ANY(roles)",
    );
  await startOn(identity, { PLATFORM_ADMIN_EMAIL: 'nobody@nord.example' });
  expect(await above()).toEqual([]);
  await startOn(identity, { PLATFORM_ADMIN_EMAIL: ' Esi@nord.example ' });
  const held = [{ email: 'esi@nord.example', roles: ['AUTHOR', 'PLATFORM_ADMIN'] }];
  expect(await above()).toEqual(held);
  await startOn(identity, { PLATFORM_ADMIN_EMAIL: 'kofi@nord.example' });
  expect(await above()).toEqual(held);
  const { data } = await admin(
    '{ auditEvents(first: 1, filter: { act: "membership.update" }) { nodes { actorKind changes { after } } } }',
  );
  expect(data).toEqual({
    auditEvents: { nodes: [{ actorKind: 'SYSTEM', changes: [{ after: '["AUTHOR","PLATFORM_ADMIN"]' }] }] },
  });
});
