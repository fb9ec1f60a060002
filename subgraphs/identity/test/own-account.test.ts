import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import {
  logIn,
  runIdentity,
  tryLogIn,
  withStore,
  type RunningIdentity,
  type Tokens,
} from './kit/identity.ts';
import { connect } from './kit/sql.ts';

// What a person can do by themselves: see where they are logged in, end that, change their password.

let identity: RunningIdentity;
let visitor: GraphQLClient;
let admin: GraphQLClient;
let email: string;
let accounts = 0;

beforeAll(async () => {
  identity = await runIdentity({ SESSION_DAYS: '30' });
  visitor = graphqlClient(identity.url);
  admin = await identity.loggedIn('admin');
});
afterAll(() => identity.stop());
beforeEach(async () => {
  email = `own-${(accounts += 1)}@lyceum.example`;
  await createUser(admin, 'the old password');
});

async function createUser(client: GraphQLClient, password?: string): Promise<void> {
  const input = { name: 'Own', email, ...(password === undefined ? {} : { password }) };
  const { data } = await client<{ userCreate: { userErrors: unknown[] } }>(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }',
    { input },
  );
  expect(data.userCreate.userErrors).toEqual([]);
}

const as = ({ accessToken }: Tokens) => graphqlClient(identity.url, accessToken);
const sessionOf = ({ accessToken }: Tokens) => decodeJwt(accessToken)['sid'];

async function isRefreshed({ refreshToken }: Tokens): Promise<boolean> {
  const { data } = await visitor<{ sessionRefresh: { tokens: object | null } }>(
    'mutation ($token: String!) { sessionRefresh(input: { refreshToken: $token }) { tokens { accessToken } } }',
    { token: refreshToken },
  );
  return data.sessionRefresh.tokens !== null;
}

interface Sessions {
  viewer: { sessions: { nodes: { id: string; current: boolean }[]; totalCount: number } };
}

const sessionsSeenBy = async (client: GraphQLClient, page = 'first: 20') =>
  (await client<Sessions>(`{ viewer { sessions(${page}) { nodes { id current } totalCount } } }`)).data.viewer
    .sessions;

describe('the sessions of the viewer', () => {
  test('are those that have not ended, the oldest first, the own one marked', async () => {
    const tokens = [];
    for (let login = 0; login < 3; login += 1) tokens.push(await logIn(visitor, email, 'the old password'));
    const [first, second, third] = tokens as [Tokens, Tokens, Tokens];
    await as(first)('mutation { sessionRevoke(input: {}) { sessionId } }');
    const expected = {
      nodes: [
        { id: sessionOf(second), current: true },
        { id: sessionOf(third), current: false },
      ],
      totalCount: 2,
    };
    expect(await sessionsSeenBy(as(second))).toEqual(expected);
    expect(await sessionsSeenBy(as(second), 'last: 1')).toEqual({
      nodes: [{ id: sessionOf(third), current: false }],
      totalCount: 2,
    });
  });

  test('tell when they began, were used and end', async () => {
    const tokens = await logIn(visitor, email, 'the old password');
    const read = async () => {
      const { data } = await as(tokens)<{
        viewer: { sessions: { nodes: Record<'createdAt' | 'lastUsedAt' | 'expiresAt', string>[] } };
      }>('{ viewer { sessions(first: 1) { nodes { createdAt lastUsedAt expiresAt } } } }');
      const [session] = data.viewer.sessions.nodes;
      return {
        began: Date.parse(session!.createdAt),
        used: Date.parse(session!.lastUsedAt),
        ends: Date.parse(session!.expiresAt),
      };
    };
    const before = await read();
    expect(before.ends - before.used).toBe(30 * 86_400_000);
    expect(await isRefreshed(tokens)).toBe(true);
    const after = await read();
    expect(after.began).toBe(before.began);
    expect(after.used).toBeGreaterThan(before.used);
    expect(after.ends - after.used).toBe(30 * 86_400_000);
  });

  test('that nobody used in time are none', async () => {
    const [old, tokens] = [
      await logIn(visitor, email, 'the old password'),
      await logIn(visitor, email, 'the old password'),
    ];
    await withStore(identity.databaseUrl, (store) =>
      store.transaction(async ({ sessions }) => {
        const session = await sessions.selectOptional(String(sessionOf(old)));
        await sessions.updateLastUsed(
          session!.organisationId,
          session!.id,
          new Date(Date.now() - 31 * 86_400_000),
        );
      }),
    );
    expect((await sessionsSeenBy(as(tokens))).nodes).toEqual([{ id: sessionOf(tokens), current: true }]);
    const { data } = await as(tokens)<{ sessionsRevoke: object }>(
      'mutation { sessionsRevoke(input: {}) { ended userErrors { code } } }',
    );
    expect(data.sessionsRevoke).toEqual({ ended: 1, userErrors: [] });
  });

  test('all end at once, or all but the one that asks; nobody else’s', async () => {
    const others = await logIn(visitor, 'learner@lyceum.example');
    const [first, second, third] = [
      await logIn(visitor, email, 'the old password'),
      await logIn(visitor, email, 'the old password'),
      await logIn(visitor, email, 'the old password'),
    ];
    const revoke = async (keepCurrent: boolean) => {
      const { data } = await as(second)<{ sessionsRevoke: object }>(
        'mutation ($keep: Boolean!) { sessionsRevoke(input: { keepCurrent: $keep }) { ended userErrors { code } } }',
        { keep: keepCurrent },
      );
      return data.sessionsRevoke;
    };
    expect(await revoke(true)).toEqual({ ended: 2, userErrors: [] });
    expect([await isRefreshed(first), await isRefreshed(third)]).toEqual([false, false]);
    expect((await sessionsSeenBy(as(second))).nodes).toEqual([{ id: sessionOf(second), current: true }]);
    expect(await revoke(false)).toEqual({ ended: 1, userErrors: [] });
    expect(await isRefreshed(second)).toBe(false);
    expect(await isRefreshed(others)).toBe(true);
  });

  test('and the password are a visitor’s business in nothing', async () => {
    const { data } = await visitor('{ viewer { sessions(first: 1) { totalCount } } }');
    expect(data).toEqual({ viewer: null });
    for (const call of [
      'sessionsRevoke(input: {}) { ended }',
      'passwordChange(input: { currentPassword: "the old password", newPassword: "the new password" }) { endedSessions }',
    ]) {
      const { errors } = await visitor(`mutation { ${call} }`);
      expect(errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    }
  });
});

interface Changed {
  endedSessions: number | null;
  userErrors: { field: string[] | null; code: string; message: string }[];
}

async function change(client: GraphQLClient, currentPassword: string, newPassword: string): Promise<Changed> {
  const { data } = await client<{ passwordChange: Changed }>(
    `mutation ($input: PasswordChangeInput!) {
      passwordChange(input: $input) { endedSessions userErrors { field code message } }
    }`,
    { input: { currentPassword, newPassword } },
  );
  return data.passwordChange;
}

describe('a change of the password', () => {
  test('is the end of the old one, and of all other sessions', async () => {
    const [tokens, other] = [
      await logIn(visitor, email, 'the old password'),
      await logIn(visitor, email, 'the old password'),
    ];
    const changed = await change(as(tokens), 'the old password', 'the new password');
    expect(changed).toEqual({ endedSessions: 1, userErrors: [] });
    const { userErrors } = await tryLogIn(visitor, { email, password: 'the old password' });
    expect(userErrors).toMatchObject([{ code: 'CREDENTIALS_REFUSED' }]);
    await logIn(visitor, email, 'the new password');
    expect([await isRefreshed(other), await isRefreshed(tokens)]).toEqual([false, true]);
  });

  const field = (name: string) => ['input', name];

  test.each([
    [
      'by who does not know it',
      ['another password', 'the new password'],
      {
        field: field('currentPassword'),
        code: 'CREDENTIALS_REFUSED',
        message: 'This is not the current password.',
      },
    ],
    [
      'to a short one',
      ['the old password', 'shorter'],
      {
        field: field('newPassword'),
        code: 'INVALID',
        message: 'The new password must have at least 8 characters.',
      },
    ],
    [
      'to the same',
      ['the old password', 'the old password'],
      { field: field('newPassword'), code: 'INVALID', message: 'The new password must be another one.' },
    ],
  ] as const)('%s is refused, and changes nothing', async (_case, [current, next], refusal) => {
    const [tokens, other] = [
      await logIn(visitor, email, 'the old password'),
      await logIn(visitor, email, 'the old password'),
    ];
    expect(await change(as(tokens), current, next)).toEqual({ endedSessions: null, userErrors: [refusal] });
    await logIn(visitor, email, 'the old password');
    expect(await isRefreshed(other)).toBe(true);
  });

  test('is of one organisation: the person’s others keep theirs, and its sessions', async () => {
    const elsewhere = await identity.organisation('elsewhere');
    await createUser(elsewhere.admin, 'the password elsewhere');
    const there = await logIn(visitor, email, 'the password elsewhere');
    const tokens = await logIn(visitor, email, 'the old password');
    expect((await sessionsSeenBy(as(tokens))).totalCount).toBe(1);
    await change(as(tokens), 'the old password', 'the new password');
    await logIn(visitor, email, 'the password elsewhere');
    expect(await isRefreshed(there)).toBe(true);
  });

  test('at the same time as another succeeds once', async () => {
    const tokens = await logIn(visitor, email, 'the old password');
    const wanted = ['the first password', 'the second password', 'the third password'];
    const changes = await Promise.all(wanted.map((next) => change(as(tokens), 'the old password', next)));
    const codes = changes.map(({ userErrors }) => userErrors[0]?.code ?? 'changed');
    expect(codes.filter((code) => code === 'changed')).toHaveLength(1);
    expect(codes.filter((code) => !['changed', 'CONFLICT', 'CREDENTIALS_REFUSED'].includes(code))).toEqual(
      [],
    );
    await logIn(visitor, email, wanted[codes.indexOf('changed')]);
  });

  test('leaves no session to who logs in with the old one meanwhile', async () => {
    const { waits, commit } = await changingPast();
    const login = tryLogIn(visitor, { email, password: 'the old password' });
    await Promise.race([login, eventually(waits)]);
    await commit();
    expect(await login).toMatchObject({ tokens: null, userErrors: [{ code: 'CREDENTIALS_REFUSED' }] });
  });
});

/** A transaction that has changed the person's password and not committed yet; `waits` throws until somebody waits. */
async function changingPast() {
  const client = await connect(identity.databaseUrl);
  await client.query('BEGIN');
  const changed = await client.query(
    `UPDATE membership SET password_hash = 'another' WHERE user_id = (SELECT id FROM "user" WHERE email = $1)`,
    [email],
  );
  expect(changed.rowCount).toBe(1);
  return {
    waits: async () => {
      const waiting = await client.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (waiting.rowCount === 0) throw new Error('Nobody waits');
    },
    commit: async () => {
      await client.query('COMMIT');
      await client.end();
    },
  };
}
