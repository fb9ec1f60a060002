import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { act } from './kit/acting.ts';
import { requestReset, reset } from './kit/account-flows.ts';
import {
  logIn,
  runIdentity,
  tryLogIn,
  type Member,
  type Organisation,
  type RunningIdentity,
} from './kit/identity.ts';
import { mailsTo, newestMail, tokenIn } from './kit/mailbox.ts';
import { publishedEvents } from './kit/published-events.ts';
import { connect, sql } from './kit/sql.ts';
import { askForToken, exchangeOf } from './kit/token-endpoint.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let school: Organisation;

beforeAll(async () => {
  identity = await runIdentity({ REFRESH_LEEWAY_SECONDS: '0' });
  visitor = graphqlClient(identity.url);
  school = await identity.organisation('school');
});
afterAll(() => identity.stop());

type Act = 'userDeactivate' | 'userReactivate';

interface Answer {
  user: { state: string; roles: string[] } | null;
  userErrors: { code: string; field: string[] | null }[];
}

async function ask(client: GraphQLClient, name: Act, userId: string): Promise<Answer | string> {
  const answer = act<Answer>(client, name, { userId }, 'user { state roles }');
  return answer.then(
    ({ user, userErrors }) => ({ user, userErrors: userErrors.map(({ code, field }) => ({ code, field })) }),
    (refused: unknown) => (refused as Error).message,
  );
}

const deactivate = (userId: string, client = school.admin) => ask(client, 'userDeactivate', userId);
const reactivate = (userId: string, client = school.admin) => ask(client, 'userReactivate', userId);

/** Somebody with an address, and a password of their own. */
async function somebody(roles: string[] = ['LEARNER'], admin = school.admin) {
  const email = `${newId('somebody')}@school.example`;
  const { data } = await admin<{ userCreate: { user: { id: string } } }>(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } } }',
    { input: { name: 'Some Body', email, password: 'their-password', roles } },
  );
  return { id: data.userCreate.user.id, email, password: 'their-password' };
}

const refreshes = async (refreshToken: string) => {
  const { data } = await visitor<{ sessionRefresh: { userErrors: { code: string }[] } }>(
    'mutation ($token: String!) { sessionRefresh(input: { refreshToken: $token }) { userErrors { code } } }',
    { token: refreshToken },
  );
  return data.sessionRefresh.userErrors[0]?.code ?? 'refreshed';
};

async function personalToken(ask: GraphQLClient): Promise<string> {
  const { data } = await ask<{ personalAccessTokenCreate: { secret: string } }>(
    `mutation ($expiresAt: DateTime!) {
      personalAccessTokenCreate(input: { name: "A script", permissions: ["course.read"], expiresAt: $expiresAt }) { secret }
    }`,
    { expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
  );
  return data.personalAccessTokenCreate.secret;
}

const refused = { tokens: null, userErrors: [{ code: 'CREDENTIALS_REFUSED' }] };

describe('who is deactivated', () => {
  test('keeps what they have, is listed, and opens nothing; reactivated they log in again', async () => {
    const { id, email, password } = await somebody(['AUTHOR', 'LEARNER']);
    const tokens = await logIn(visitor, email, password);
    const secret = await personalToken(graphqlClient(identity.url, tokens.accessToken));
    expect(await askForToken(identity, exchangeOf(secret))).toMatchObject({ status: 200 });
    const kept = { user: { state: 'DEACTIVATED', roles: ['AUTHOR', 'LEARNER'] }, userErrors: [] };
    expect(await deactivate(id)).toEqual(kept);
    expect(await deactivate(id)).toEqual(kept);

    expect(await tryLogIn(visitor, { email, password })).toMatchObject(refused);
    expect(await tryLogIn(visitor, { email, password, organisation: 'school' })).toMatchObject(refused);
    expect(await refreshes(tokens.refreshToken)).toBe('SESSION_ENDED');
    expect(await askForToken(identity, exchangeOf(secret))).toMatchObject({ status: 400 });

    const back = { user: { state: 'ACTIVE', roles: ['AUTHOR', 'LEARNER'] }, userErrors: [] };
    expect(await reactivate(id)).toEqual(back);
    expect(await reactivate(id)).toEqual(back);
    await logIn(visitor, email, password);
    // What they made before stays ended.
    expect(await refreshes(tokens.refreshToken)).toBe('SESSION_ENDED');
    expect(await askForToken(identity, exchangeOf(secret))).toMatchObject({ status: 400 });
  });

  test('is found by the state, in the list and its count', async () => {
    const [kept, { id }] = [await somebody(), await somebody()];
    await deactivate(id);
    const list = async (state?: string) => {
      const { data } = await school.admin<{ users: { nodes: { id: string }[]; totalCount: number } }>(
        `query ($filter: UserFilter) {
          users(filter: $filter, first: 100) { nodes { id state } totalCount }
        }`,
        { filter: state === undefined ? {} : { state } },
      );
      expect(data.users.totalCount).toBe(data.users.nodes.length);
      return data.users.nodes.map((node) => node.id);
    };
    const [all, active, deactivated] = [await list(), await list('ACTIVE'), await list('DEACTIVATED')];
    expect(all).toEqual(expect.arrayContaining([id, kept.id]));
    expect(deactivated).toContain(id);
    expect(deactivated).not.toContain(kept.id);
    expect([...active, ...deactivated].sort()).toEqual([...all].sort());
    expect(await list('REMOVED')).not.toContain(id);
  });

  test('is not told by a forgotten password: no mail comes, and a link from before opens nothing', async () => {
    const { id, email } = await somebody();
    await requestReset(visitor, { email });
    const token = tokenIn(await newestMail(identity, email));
    await deactivate(id);
    expect(await requestReset(visitor, { email })).toEqual({ email, userErrors: [] });
    expect(await reset(visitor, token, 'another-password')).toMatchObject({
      userErrors: [{ code: 'TOKEN_REFUSED' }],
    });
    expect(mailsTo(identity, email)).toHaveLength(1);
  });

  test('who has the access token of before administers nothing with it', async () => {
    const { userId, ask } = await school.member('ADMIN');
    await deactivate(userId);
    const { errors } = await ask('mutation { groupCreate(input: { name: "Mine" }) { group { id } } }');
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'group.create' } }]);
  });

  test('is told of: the sessions and tokens that ended, and the membership as it is', async () => {
    const { id, email, password } = await somebody();
    const { accessToken } = await logIn(visitor, email, password);
    await personalToken(graphqlClient(identity.url, accessToken));
    await deactivate(id);
    await reactivate(id);
    const states = [
      { state: 'ACTIVE', roles: ['LEARNER'], revision: 1 },
      { state: 'DEACTIVATED', roles: ['LEARNER'], revision: 2 },
      { state: 'ACTIVE', roles: ['LEARNER'], revision: 3 },
    ];
    await publishedEvents(identity, (events) => {
      const told = events.flatMap(({ type, subject, data }) =>
        type === 'membership.changed' && subject === id ? [data.membership] : [],
      );
      expect(told).toMatchObject(states);
      const ended = events.filter(
        ({ type, data }) =>
          (type === 'session.ended' && data.session.userId === id) ||
          (type === 'personal-access-token.revoked' && data.token.userId === id),
      );
      expect(ended).toHaveLength(2);
    });
    const { data } = await school.admin<{ auditEvents: { nodes: { act: string }[] } }>(
      'query ($id: ID!) { auditEvents(filter: { subjectId: $id }) { nodes { act outcome } } }',
      { id },
    );
    expect(data.auditEvents.nodes.slice(0, 2)).toEqual([
      { act: 'user.reactivate', outcome: 'DONE' },
      { act: 'user.deactivate', outcome: 'DONE' },
    ]);
  });

  test('stays so where their roles are changed, and is back where they were removed and are taken back', async () => {
    const { id, email, password } = await somebody();
    await deactivate(id);
    const give =
      'mutation ($id: ID!, $roles: [Role!]!) { membershipUpdate(input: { userId: $id, roles: $roles }) { user { state } } }';
    expect((await school.admin(give, { id, roles: ['AUTHOR'] })).data).toEqual({
      membershipUpdate: { user: { state: 'DEACTIVATED' } },
    });
    expect(await tryLogIn(visitor, { email, password })).toMatchObject(refused);
    await school.admin('mutation ($id: ID!) { membershipRemove(input: { userId: $id }) { userId } }', { id });
    expect(await reactivate(id)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
    expect((await school.admin(give, { id, roles: ['LEARNER'] })).data).toEqual({
      membershipUpdate: { user: { state: 'ACTIVE' } },
    });
    await logIn(visitor, email, password);
  });

  test('a login that is under way as they are deactivated comes to nothing', async () => {
    const { id, email, password } = await somebody();
    // Holds the membership, as the deactivation does until it commits: the login has compared the password by then.
    const client = await connect(identity.databaseUrl);
    try {
      await client.query('BEGIN');
      await client.query('UPDATE membership SET deactivated_at = now() WHERE user_id = $1', [id]);
      const login = tryLogIn(visitor, { email, password });
      await untilWaited();
      await client.query('COMMIT');
      expect(await login).toMatchObject(refused);
    } finally {
      await client.end();
    }
  });
});

/** Until somebody waits for a lock. */
async function untilWaited(): Promise<void> {
  for (;;) {
    const [waiting] = await sql<{ count: number }>(
      identity.databaseUrl,
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    if (waiting!.count > 0) return;
  }
}

describe('the last administrator', () => {
  test('is not deactivated, nor removed while another one is deactivated', async () => {
    const small = await identity.organisation(newId('small').replace('_', '-'));
    const { data } = await small.admin<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
    const me = data.viewer.user.id;
    const last = { user: null, userErrors: [{ code: 'LAST_ADMIN', field: ['input', 'userId'] }] };
    expect(await deactivate(me, small.admin)).toEqual(last);
    const other = await small.member('ADMIN');
    expect(await deactivate(other.userId, small.admin)).toMatchObject({ userErrors: [] });
    const removed = await small.admin<Record<string, Answer>>(
      'mutation ($id: ID!) { membershipRemove(input: { userId: $id }) { userErrors { code } } }',
      { id: me },
    );
    expect(removed.data).toEqual({ membershipRemove: { userErrors: [{ code: 'LAST_ADMIN' }] } });
  });

  test('of two who deactivate each other at once, one stays', async () => {
    for (let round = 0; round < 3; round += 1) {
      const small = await identity.organisation(newId('pair').replace('_', '-'));
      const [one, other] = [await small.member('ADMIN'), await small.member('ADMIN')] as [Member, Member];
      const { data } = await small.admin<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
      await deactivate(data.viewer.user.id, one.ask);
      await Promise.all([deactivate(other.userId, one.ask), deactivate(one.userId, other.ask)]);
      const [active] = await sql<{ count: number }>(
        identity.databaseUrl,
        `SELECT count(*)::int AS count FROM membership
         WHERE organisation_id = $1 AND 'ADMIN' = ANY(roles) AND deactivated_at IS NULL`,
        [small.id],
      );
      expect(active!.count).toBe(1);
    }
  });
});

test('nobody deactivates, or lets in again, who holds what they do not', async () => {
  const { data } = await school.admin<{ roleCreate: { role: { id: string } } }>(
    `mutation { roleCreate(input: { name: "Doorkeeper", permissions: ["user.deactivate", "user.reactivate"] }) { role { id } } }`,
  );
  const keeper = await school.member('LEARNER');
  await school.admin('mutation ($input: RoleGrantInput!) { roleGrant(input: $input) { grant { id } } }', {
    input: { userId: keeper.userId, roleId: data.roleCreate.role.id },
  });
  const refresh = await visitor<{ sessionRefresh: { tokens: { accessToken: string } } }>(
    'mutation ($token: String!) { sessionRefresh(input: { refreshToken: $token }) { tokens { accessToken } } }',
    { token: keeper.refreshToken },
  );
  const ask = graphqlClient(identity.url, refresh.data.sessionRefresh.tokens.accessToken);
  const [learner, author] = [await somebody(), await somebody(['AUTHOR'])];
  expect(await deactivate(author.id, ask)).toMatch(/^[a-z-]+\.[a-z.]+$/);
  expect(await deactivate(learner.id, ask)).toMatchObject({ user: { state: 'DEACTIVATED' } });
  await deactivate(author.id);
  expect(await reactivate(author.id, ask)).toMatch(/^[a-z-]+\.[a-z.]+$/);
});
