import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { hash } from '@node-rs/argon2';
import { decodeJwt } from 'jose';
import { logIn, runIdentity, type RunningIdentity, type Tokens } from './kit/identity.ts';
import { sql } from './kit/sql.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;

beforeAll(async () => {
  identity = await runIdentity({ REFRESH_LEEWAY_SECONDS: '0' });
  visitor = graphqlClient(identity.url);
});
afterAll(() => identity.stop());

const create = `mutation ($input: SessionCreateInput!) {
  sessionCreate(input: $input) { tokens { accessToken } userErrors { field message code } }
}`;
const refresh = `mutation ($token: String!) {
  sessionRefresh(input: { refreshToken: $token }) { tokens { accessToken refreshToken } userErrors { code } }
}`;

interface Refreshed {
  sessionRefresh: { tokens: Tokens | null; userErrors: { code: string }[] };
}

describe('logging in', () => {
  test('gives an ES256 token that names the person, the organisation and the roles', async () => {
    const { accessToken, expiresAt } = await logIn(visitor, 'Learner@Lyceum.example ');
    const claims = decodeJwt(accessToken);
    expect(claims.sub).toMatch(/^user_/);
    expect(claims).toMatchObject({ iss: 'http://localhost:4000', aud: 'lyceum', roles: ['LEARNER'] });
    expect(claims['org']).toMatch(/^org_/);
    expect(new Date(expiresAt).getTime()).toBe((claims.exp ?? 0) * 1000);
  });

  test.each([
    ['a wrong password', { email: 'learner@lyceum.example', password: 'lyceum-dem0' }],
    ['an address without an account', { email: 'nobody@lyceum.example', password: 'lyceum-demo' }],
    [
      'an organisation that is not theirs',
      { email: 'learner@lyceum.example', password: 'lyceum-demo', organisation: 'x' },
    ],
  ])('with %s is refused in the same words', async (_case, input) => {
    const { data } = await visitor<{ sessionCreate: object }>(create, { input });
    expect(data.sessionCreate).toEqual({
      tokens: null,
      userErrors: [
        {
          field: null,
          message: 'The e-mail address and the password do not belong together.',
          code: 'CREDENTIALS_REFUSED',
        },
      ],
    });
  });

  test('with U+0000 in the address is a user error, not a fault of ours', async () => {
    const input = { email: 'learner\u0000@lyceum.example', password: 'lyceum-demo' };
    const { data } = await visitor<{ sessionCreate: object }>(create, { input });
    expect(data.sessionCreate).toMatchObject({ tokens: null, userErrors: [{ code: 'INVALID' }] });
  });

  test('publishes the key that signed, and not its private half', async () => {
    const response = await fetch(`${identity.url}/.well-known/jwks.json`);
    const { keys } = (await response.json()) as { keys: Record<string, string>[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
    expect(keys[0]).not.toHaveProperty('d');
  });

  test('a token that is not ours is refused, not taken for a visitor', async () => {
    const { status, errors } = await graphqlClient(identity.url, 'not.a.token')('{ viewer { roles } }');
    expect(status).toBe(401);
    expect(errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  });
});

describe('a refresh token', () => {
  test('is good for one exchange', async () => {
    const { refreshToken } = await logIn(visitor, 'learner@lyceum.example');
    const first = await visitor<Refreshed>(refresh, { token: refreshToken });
    expect(first.data.sessionRefresh.tokens?.accessToken).toBeDefined();
    const second = await visitor<Refreshed>(refresh, { token: refreshToken });
    expect(second.data.sessionRefresh).toEqual({ tokens: null, userErrors: [{ code: 'SESSION_ENDED' }] });
  });

  test('used twice ends the session, also for the newer token', async () => {
    const { refreshToken } = await logIn(visitor, 'learner@lyceum.example');
    const { data } = await visitor<Refreshed>(refresh, { token: refreshToken });
    await visitor<Refreshed>(refresh, { token: refreshToken });
    const newer = await visitor<Refreshed>(refresh, { token: data.sessionRefresh.tokens?.refreshToken });
    expect(newer.data.sessionRefresh.userErrors).toEqual([{ code: 'SESSION_ENDED' }]);
  });

  test('of a session that was revoked is refused', async () => {
    const tokens = await logIn(visitor, 'learner@lyceum.example');
    const learner = graphqlClient(identity.url, tokens.accessToken);
    const revoked = await learner<{ sessionRevoke: object }>(
      'mutation { sessionRevoke(input: {}) { sessionId userErrors { code } } }',
    );
    expect(revoked.data.sessionRevoke).toMatchObject({ userErrors: [] });
    const { data } = await visitor<Refreshed>(refresh, { token: tokens.refreshToken });
    expect(data.sessionRefresh.userErrors).toEqual([{ code: 'SESSION_ENDED' }]);
  });
});

test("somebody else's session is not found", async () => {
  const { accessToken } = await logIn(visitor, 'author@lyceum.example');
  const sessionId = decodeJwt(accessToken)['sid'];
  const learner = await identity.loggedIn('learner');
  const { data } = await learner<{ sessionRevoke: object }>(
    'mutation ($id: ID!) { sessionRevoke(input: { sessionId: $id }) { sessionId userErrors { field code } } }',
    { id: sessionId },
  );
  expect(data.sessionRevoke).toEqual({
    sessionId: null,
    userErrors: [{ field: ['input', 'sessionId'], code: 'NOT_FOUND' }],
  });
});

describe('two tabs of one browser', () => {
  let patient: RunningIdentity;
  beforeAll(async () => {
    patient = await runIdentity();
  });
  afterAll(() => patient.stop());

  test('that refresh at the same moment both go on', async () => {
    const client = graphqlClient(patient.url);
    const { refreshToken: token } = await logIn(client, 'learner@lyceum.example');
    const both = await Promise.all([
      client<Refreshed>(refresh, { token }),
      client<Refreshed>(refresh, { token }),
    ]);
    const tokens = both.map(({ data }) => data.sessionRefresh.tokens?.refreshToken);
    expect(new Set(tokens).size).toBe(2);
    for (const next of tokens) {
      const { data } = await client<Refreshed>(refresh, { token: next });
      expect(data.sessionRefresh.userErrors).toEqual([]);
    }
  });

  test('do not give a stolen token longer than some seconds', async () => {
    const client = graphqlClient(patient.url);
    const { refreshToken: token } = await logIn(client, 'learner@lyceum.example');
    const { data } = await client<Refreshed>(refresh, { token });
    await sql(patient.databaseUrl, `UPDATE refresh_token SET spent_at = spent_at - interval '11 seconds'`);
    const stolen = await client<Refreshed>(refresh, { token });
    expect(stolen.data.sessionRefresh.userErrors).toEqual([{ code: 'SESSION_ENDED' }]);
    const victim = await client<Refreshed>(refresh, { token: data.sessionRefresh.tokens?.refreshToken });
    expect(victim.data.sessionRefresh.userErrors).toEqual([{ code: 'SESSION_ENDED' }]);
    const admin = await patient.loggedIn('admin');
    const audited = await admin<{ auditEvents: { nodes: object[] } }>(
      '{ auditEvents(filter: { act: "session.refresh" }) { nodes { outcome reason } } }',
    );
    expect(audited.data.auditEvents.nodes).toEqual([{ outcome: 'REFUSED', reason: 'REFRESH_TOKEN_REUSED' }]);
  });
});

test('a password whose hash was made with other parameters is hashed anew at the login', async () => {
  const weak = await hash('lyceum-demo', { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
  await sql(identity.databaseUrl, 'UPDATE membership SET password_hash = $1', [weak]);
  await logIn(visitor, 'instructor@lyceum.example');
  await logIn(visitor, 'instructor@lyceum.example');
  const hashes = await sql(
    identity.databaseUrl,
    'SELECT password_hash FROM membership ORDER BY password_hash = $1',
    [weak],
  );
  expect(hashes.map(({ password_hash }) => password_hash === weak)).toEqual([false, true, true, true]);
});
