import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { accept, invite, register, requestReset, reset, setRegistration } from './kit/account-flows.ts';
import { logIn, runIdentity, type Member, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { newestMail, tokenIn } from './kit/mailbox.ts';
import { sql } from './kit/sql.ts';
import { askForToken, exchangeOf } from './kit/token-endpoint.ts';

let identity: RunningIdentity;
let school: Organisation;
let visitor: GraphQLClient;

beforeAll(async () => {
  identity = await runIdentity({ SESSION_DAYS: '20' });
  school = await identity.organisation('school');
  visitor = graphqlClient(identity.url);
});
afterAll(() => identity.stop());

const all = 'minimumPasswordLength sessionDays personalAccessTokens ownNameEditable';
const platform = {
  minimumPasswordLength: 8,
  sessionDays: 20,
  personalAccessTokens: true,
  ownNameEditable: true,
};

interface Told {
  userErrors: { code: string; field: string[] | null }[];
}

/** The payload of a mutation, or the permission that was missing. */
async function run<T extends object>(
  ask: GraphQLClient,
  mutation: string,
  fields: string,
  input: object,
): Promise<T & Told> {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!`;
  const { data, errors } = await ask<Record<string, T & Told>>(
    `mutation ($input: ${type}) { ${mutation}(input: $input) { ${fields} userErrors { code field } } }`,
    { input },
  );
  if (errors) throw new Error(String(errors[0]?.extensions['missing']));
  return data[mutation]!;
}

const settle = (input: object, { admin }: Organisation = school) =>
  run<{ settings: object | null }>(admin, 'organisationSettingsUpdate', `settings { ${all} }`, input);

const shown = async (ask: GraphQLClient) => {
  const { data } = await ask<{ viewer: { organisation: { settings: object } } }>(
    `{ viewer { organisation { settings { ${all} } } } }`,
  );
  return data.viewer.organisation.settings;
};

describe('settings', () => {
  test('are at the defaults until they are changed; what is absent stays, null goes back', async () => {
    const { ask } = await school.member('LEARNER');
    expect(await shown(ask)).toEqual(platform);
    await settle({ minimumPasswordLength: 12, sessionDays: 3 });
    expect(await settle({ sessionDays: null })).toEqual({
      settings: { ...platform, minimumPasswordLength: 12 },
      userErrors: [],
    });
    expect(await shown(ask)).toEqual({ ...platform, minimumPasswordLength: 12 });
    await settle({ minimumPasswordLength: null });
  });

  test('of two changes at once each is kept', async () => {
    const { admin, ...other } = await identity.organisation('two-at-once');
    const changes = [{ sessionDays: 3 }, { ownNameEditable: false }, { personalAccessTokens: false }];
    await Promise.all(changes.map((change) => settle(change, { admin, ...other })));
    expect(await shown(admin)).toEqual({ ...platform, ...Object.assign({}, ...changes) });
  });

  test.each([
    ['minimumPasswordLength', 7],
    ['minimumPasswordLength', 65],
    ['sessionDays', 0],
    ['sessionDays', 21],
  ])('have no %s of %d', async (field, value) => {
    expect((await settle({ [field]: value })).userErrors).toEqual([
      { code: 'INVALID', field: ['input', field] },
    ]);
  });

  test('are changed by administrators alone, and each change and refusal is recorded', async () => {
    const { ask } = await school.member('INSTRUCTOR');
    const refused = run(ask, 'organisationSettingsUpdate', 'settings { sessionDays }', { sessionDays: 1 });
    await expect(refused).rejects.toThrow('organisation.settings.update');
    await settle({ sessionDays: 5 });
    await settle({ sessionDays: null });
    const { data } = await school.admin<{ auditEvents: { nodes: object[] } }>(
      `{ auditEvents(first: 2, filter: { act: "organisation.settings-update" }) {
        nodes { outcome changes { field before after } } } }`,
    );
    expect(data.auditEvents.nodes).toMatchObject([
      { changes: [{ field: 'sessionDays', before: '5', after: '20' }] },
      { changes: [{ field: 'sessionDays', before: '20', after: '5' }] },
    ]);
  });
});

describe('a minimum length of passwords', () => {
  const short = 'only-fifteen-ch';
  const refusedAt = (field: string) => [{ code: 'INVALID', field: ['input', field] }];

  test('holds wherever one is set, and not in another organisation', async () => {
    const strict = await identity.organisation('strict');
    await settle({ minimumPasswordLength: 16 }, strict);
    const { ask } = await strict.member('LEARNER');
    const changed = await run(ask, 'passwordChange', 'endedSessions', {
      currentPassword: 'lyceum-demo',
      newPassword: short,
    });
    expect(changed.userErrors).toMatchObject(refusedAt('newPassword'));

    const email = `${newId('new')}@lyceum.example`;
    const person = { name: 'New', email, password: short, roles: ['LEARNER'] };
    const created = await run(strict.admin, 'userCreate', 'user { id }', person);
    expect(created.userErrors).toMatchObject(refusedAt('password'));
    const elsewhere = await run(school.admin, 'userCreate', 'user { id }', person);
    expect(elsewhere.userErrors).toEqual([]);

    await setRegistration(strict.admin, 'OPEN');
    const applicant = { organisation: strict.slug, name: 'Guest', email: `a-${email}`, password: short };
    expect((await register(visitor, applicant)).userErrors).toMatchObject(refusedAt('password'));
    await invite(strict.admin, { email: `b-${email}` });
    const invitation = tokenIn(await newestMail(identity, `b-${email}`));
    expect((await accept(visitor, invitation, 'Guest', short)).userErrors).toMatchObject(
      refusedAt('password'),
    );
    const long = `${short}-and-more`;
    expect((await accept(visitor, invitation, 'Guest', long)).userErrors).toEqual([]);
    await requestReset(visitor, { email: `b-${email}` });
    const link = tokenIn(await newestMail(identity, `b-${email}`, 2));
    expect((await reset(visitor, link, short)).userErrors).toMatchObject(refusedAt('newPassword'));
    expect((await reset(visitor, link, `${long}-yet`)).userErrors).toEqual([]);
  });

  test('leaves those that are shorter and were set before', async () => {
    const late = await identity.organisation('late');
    const { ask, userId } = await late.member('LEARNER');
    await settle({ minimumPasswordLength: 20 }, late);
    const { data } = await ask<{ viewer: { user: { email: string } } }>('{ viewer { user { email } } }');
    expect((await logIn(visitor, data.viewer.user.email)).accessToken).toBeTruthy();
    expect(userId).toBeTruthy();
  });
});

describe('days of a session', () => {
  const refresh = async ({ refreshToken }: Member) =>
    (await run(visitor, 'sessionRefresh', 'tokens { accessToken }', { refreshToken })).userErrors;
  const letPass = (days: number, { sessionId }: Member) =>
    sql(
      identity.databaseUrl,
      `UPDATE session SET last_used_at = last_used_at - $1 * interval '1 day' WHERE id = $2`,
      [days, sessionId],
    );

  test('end one that was not used for as long, also one that began before', async () => {
    const member = await school.member('LEARNER');
    const younger = await school.member('LEARNER');
    await letPass(4, member);
    await letPass(2, younger);
    await settle({ sessionDays: 3 });
    expect(await refresh(member)).toMatchObject([{ code: 'SESSION_ENDED' }]);
    expect(await refresh(younger)).toEqual([]);
    await settle({ sessionDays: null });
  });

  test('are what the list of sessions says', async () => {
    const member = await school.member('LEARNER');
    await settle({ sessionDays: 2 });
    interface Listed {
      viewer: { sessions: { nodes: { lastUsedAt: string; expiresAt: string }[]; totalCount: number } };
    }
    const query = '{ viewer { sessions { nodes { lastUsedAt expiresAt } totalCount } } }';
    const { data } = await member.ask<Listed>(query);
    const [session] = data.viewer.sessions.nodes;
    const lasts = Date.parse(session!.expiresAt) - Date.parse(session!.lastUsedAt);
    expect(lasts).toBe(2 * 24 * 3_600_000);
    await letPass(3, member);
    const { data: later } = await member.ask<Listed>(query);
    expect(later.viewer.sessions).toEqual({ nodes: [], totalCount: 0 });
    await settle({ sessionDays: null });
  });
});

describe('an organisation without personal access tokens', () => {
  const input = {
    name: 'A script',
    permissions: ['course.read'],
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  };
  const make = ({ ask }: Member) =>
    run<{ secret: string | null }>(ask, 'personalAccessTokenCreate', 'secret', input);

  test('makes none, and exchanges none that were made before', async () => {
    const member = await school.member('LEARNER');
    const { secret } = await make(member);
    expect((await askForToken(identity, exchangeOf(secret!))).status).toBe(200);
    await settle({ personalAccessTokens: false });
    expect((await make(member)).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    const { status, body } = await askForToken(identity, exchangeOf(secret!));
    expect([status, body.error]).toEqual([400, 'invalid_request']);
    await settle({ personalAccessTokens: null });
    expect((await askForToken(identity, exchangeOf(secret!))).status).toBe(200);
  });
});

describe('an organisation that names its people itself', () => {
  test('lets them change the rest of their profile, and administrators all of it', async () => {
    const { ask, userId } = await school.member('LEARNER');
    await settle({ ownNameEditable: false });
    const change = (input: object) => run(ask, 'profileUpdate', 'user { name }', input);
    for (const field of ['name', 'givenName', 'familyName']) {
      expect((await change({ [field]: 'Another' })).userErrors).toEqual([
        { code: 'CONFLICT', field: ['input', field] },
      ]);
    }
    const form = { name: 'Somebody Else', givenName: null, pronouns: 'they/them' };
    expect((await change(form)).userErrors).toEqual([]);
    const named = await run(school.admin, 'userUpdate', 'user { name }', { userId, name: 'Named' });
    expect(named).toMatchObject({ user: { name: 'Named' }, userErrors: [] });
    const own = await run(school.admin, 'profileUpdate', 'user { name }', { name: 'The Admin' });
    expect(own).toMatchObject({ user: { name: 'The Admin' } });
    await settle({ ownNameEditable: null });
    expect((await change({ name: 'Free' })).userErrors).toEqual([]);
  });
});
