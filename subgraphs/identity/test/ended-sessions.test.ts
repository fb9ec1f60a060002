import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DomainEventOf } from '@lyceum/events';
import { eventually, graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { logIn, runIdentity, type RunningIdentity, type Tokens } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';
import { connect } from './kit/sql.ts';

// Whatever ends a session, the log is told, so that every gateway refuses its access tokens within moments.

let identity: RunningIdentity;
let visitor: GraphQLClient;
let admin: GraphQLClient;
let accounts = 0;

beforeAll(async () => {
  identity = await runIdentity({ ACCESS_TOKEN_SECONDS: '300', REFRESH_LEEWAY_SECONDS: '0' });
  visitor = graphqlClient(identity.url);
  admin = await identity.loggedIn('admin');
});
afterAll(() => identity.stop());

interface Login {
  readonly tokens: Tokens;
  readonly ask: GraphQLClient;
  readonly sessionId: string;
  readonly userId: string;
}

async function logInAs(email: string): Promise<Login> {
  const tokens = await logIn(visitor, email);
  const { sub: userId = '', sid } = decodeJwt(tokens.accessToken);
  return { tokens, ask: graphqlClient(identity.url, tokens.accessToken), sessionId: String(sid), userId };
}

/** Somebody new, logged in this many times. */
async function someone<Count extends number>(logins: Count): Promise<Login[] & { length: Count }> {
  accounts += 1;
  const email = `ending-${accounts}@lyceum.example`;
  const input = { name: 'Somebody', email, password: 'lyceum-demo' };
  await admin('mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } } }', { input });
  const made: Login[] = [];
  while (made.length < logins) made.push(await logInAs(email));
  return made as Login[] & { length: Count };
}

const refresh = ({ refreshToken }: Tokens) =>
  visitor<{ sessionRefresh: { tokens: Tokens | null; userErrors: { code: string }[] } }>(
    `mutation ($token: String!) {
      sessionRefresh(input: { refreshToken: $token }) { tokens { accessToken refreshToken } userErrors { code } }
    }`,
    { token: refreshToken },
  );

/** The ends of which the log is told, once it was told of those of `logins`. */
async function endsOf(...logins: Login[]): Promise<DomainEventOf<'session.ended'>[]> {
  const ends = (events: readonly { type: string }[]) =>
    events.filter(({ type }) => type === 'session.ended') as DomainEventOf<'session.ended'>[];
  const wanted = logins.map(({ sessionId }) => sessionId);
  const events = await publishedEvents(identity, (known) => {
    expect(ends(known).map(({ subject }) => subject)).toEqual(expect.arrayContaining(wanted));
  });
  return ends(events).filter(({ data }) => data.session.userId === logins[0]?.userId);
}

test('logging out tells of the session, and until when its access tokens last at most', async () => {
  const [login] = await someone(1);
  await login!.ask('mutation { sessionRevoke(input: {}) { sessionId } }');
  const [event, ...others] = await endsOf(login!);
  expect(others).toEqual([]);
  const { sessionId: id, userId, tokens } = login!;
  expect(event).toMatchObject({ subject: id, data: { session: { id, userId } } });
  const until = new Date(event!.data.session.accessTokensUntil).getTime();
  expect(until).toBeGreaterThan(new Date(tokens.expiresAt).getTime());
  expect(until).toBeLessThan(Date.now() + 400_000);
});

test('logging out twice tells of it once', async () => {
  const [login, other] = await someone(2);
  await login!.ask('mutation { sessionRevoke(input: {}) { sessionId } }');
  await login!.ask('mutation { sessionRevoke(input: {}) { sessionId } }');
  await other!.ask('mutation { sessionRevoke(input: {}) { sessionId } }');
  expect(await endsOf(login!, other!)).toHaveLength(2);
});

test('logging out everywhere else tells of every other session', async () => {
  const [current, ...others] = await someone(3);
  await current!.ask('mutation { sessionsRevoke(input: { keepCurrent: true }) { ended } }');
  const ended = (await endsOf(...others)).map(({ subject }) => subject);
  expect(ended.sort()).toEqual(others.map(({ sessionId }) => sessionId).sort());
});

test('a change of the password tells of the other sessions', async () => {
  const [current, other] = await someone(2);
  await current!.ask(
    `mutation { passwordChange(input: { currentPassword: "lyceum-demo", newPassword: "another password" }) {
      endedSessions
    } }`,
  );
  expect(await endsOf(other!)).toHaveLength(1);
});

test('removing somebody tells of their sessions', async () => {
  const logins = await someone(2);
  await admin('mutation ($id: ID!) { membershipRemove(input: { userId: $id }) { userId } }', {
    id: logins[0]!.userId,
  });
  expect(await endsOf(...logins)).toHaveLength(2);
});

test('a refresh token that comes back tells of its session', async () => {
  const [login] = await someone(1);
  await refresh(login!.tokens);
  await refresh(login!.tokens);
  expect(await endsOf(login!)).toHaveLength(1);
});

test('a session that ends while it is refreshed gets no new tokens', async () => {
  const [login] = await someone(1);
  const ending = await connect(identity.databaseUrl);
  try {
    await ending.query('BEGIN');
    await ending.query('UPDATE session SET ended_at = now() WHERE id = $1', [login!.sessionId]);
    const refreshed = refresh(login!.tokens);
    await eventually(async () => {
      const { rowCount } = await ending.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rowCount).toBe(1);
    });
    await ending.query('COMMIT');
    expect((await refreshed).data.sessionRefresh).toEqual({
      tokens: null,
      userErrors: [{ code: 'SESSION_ENDED' }],
    });
  } finally {
    await ending.end();
  }
});
