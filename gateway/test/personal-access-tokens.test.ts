import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newSecret, TokenError } from '@lyceum/service';
import { createPersonalAccessTokens } from '../src/access/personal-access-tokens.ts';
import { createEndedSessions } from '../src/access/ended-sessions.ts';
import { eventually } from './kit/eventually.ts';
import { sessionOf, startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { startSchool, type School } from './kit/school.ts';
import { startTokenEndpoint, type TestTokenEndpoint } from './kit/token-endpoint.ts';

let school: School;
let identity: TestTokenEndpoint;
let gateway: TestGateway;
const ended = createEndedSessions();

beforeAll(async () => {
  [school, identity] = await Promise.all([startSchool(), startTokenEndpoint()]);
  gateway = await startGateway(school.all, { tokenEndpoint: identity.url, endedSessions: ended });
});

afterAll(async () => {
  await gateway.stop();
  await school.stop();
  identity.stop();
});

beforeEach(() => {
  identity.received.length = 0;
  identity.answerWith(undefined);
  school.people.received.length = 0;
});

/** A personal access token of a user's, whose access token `testVerifier` knows. */
function tokenOf(user: string, seconds = 600): string {
  const token = newSecret('lyp');
  identity.accessTokens.set(token, { accessToken: user, seconds });
  return token;
}

describe('a personal access token', () => {
  test('is exchanged once, and subgraphs see the access token alone', async () => {
    const token = tokenOf('ada');
    const answers = await Promise.all([1, 2, 3].map(() => gateway.query('{ whoami }', { token })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await gateway.query('{ whoami }', { token })).status).toBe(200);
    expect(identity.received).toHaveLength(1);
    expect(Object.fromEntries(identity.received[0]!.form)).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
    const authorizations = school.people.received.map(({ headers }) => headers.authorization);
    expect(new Set(authorizations)).toEqual(new Set(['Bearer ada']));
  });

  test('opens sockets too, with the access token for the subgraphs', async () => {
    school.progress.connections.length = 0;
    const client = gateway.connect({ connectionParams: { token: tokenOf('ben') } });
    const watched = watch(client, 'subscription { progressUpdated { id } }');
    await eventually('it is open', () => school.progress.live() === 1);
    expect(school.progress.connections).toEqual([{ authorization: 'Bearer ben' }]);
    watched.leave();
    await client.dispose();
    await eventually('it is closed', () => school.progress.live() === 0);
  });

  test('that is revoked is refused at once, whatever is remembered of it', async () => {
    const token = tokenOf('cleo');
    expect((await gateway.query('{ whoami }', { token })).status).toBe(200);
    ended.add(sessionOf('cleo'), new Date(Date.now() + 60_000));
    expect((await gateway.query('{ whoami }', { token })).status).toBe(401);
  });

  test('that identity refuses is UNAUTHENTICATED, and not asked for again at once', async () => {
    const token = newSecret('lyp');
    for (let time = 0; time < 3; time += 1) {
      const { status, errors } = await gateway.query('{ whoami }', { token });
      expect([status, errors?.[0]?.extensions]).toEqual([401, { code: 'UNAUTHENTICATED' }]);
    }
    expect(identity.received).toHaveLength(1);
  });

  test('that is mistyped is refused without asking', async () => {
    const { status } = await gateway.query('{ whoami }', { token: `${tokenOf('ada').slice(0, -1)}_` });
    expect(status).toBe(401);
    expect(identity.received).toHaveLength(0);
  });

  test('is neither right nor wrong while identity is away, and taken once it is back', async () => {
    const token = tokenOf('ada');
    identity.answerWith(500);
    const { status, errors } = await gateway.query('{ whoami }', { token });
    expect([status, errors?.[0]?.extensions?.['code']]).toEqual([503, 'UNAVAILABLE']);
    identity.answerWith(undefined);
    expect((await gateway.query('{ whoami }', { token })).status).toBe(200);
  });
});

describe('what was exchanged', () => {
  const token = newSecret('lyp');

  test('is remembered for half of its life, so that a socket has the other half', async () => {
    let now = 0;
    let asked = 0;
    const exchange = () =>
      Promise.resolve({ accessToken: String((asked += 1)), expiresAt: new Date(now + 600_000) });
    const tokens = createPersonalAccessTokens(exchange, () => now);
    expect(await tokens.accessTokenOf(token)).toBe('1');
    now = 299_999;
    expect(await tokens.accessTokenOf(token)).toBe('1');
    now = 300_000;
    expect(await tokens.accessTokenOf(token)).toBe('2');
  });

  test('is asked for again a moment after a refusal', async () => {
    let now = 0;
    let asked = 0;
    const exchange = () => {
      asked += 1;
      return Promise.reject(new TokenError('no'));
    };
    const tokens = createPersonalAccessTokens(exchange, () => now);
    const ask = () => expect(tokens.accessTokenOf(token)).rejects.toThrow(TokenError);
    await ask();
    now = 4_999;
    await ask();
    expect(asked).toBe(1);
    now = 5_000;
    await ask();
    expect(asked).toBe(2);
  });
});

describe('/oauth/token', () => {
  const ask = (init: RequestInit) => fetch(`${gateway.origin}/oauth/token`, { method: 'POST', ...init });

  test("passes a request to identity, and passes back its answer and OAuth's headers alone", async () => {
    const token = tokenOf('ada');
    const response = await ask({
      headers: { authorization: 'Basic eDp5', cookie: 'a=b' },
      body: new URLSearchParams({ subject_token: token }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ access_token: 'ada', expires_in: 600 });
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="Lyceum"');
    expect(response.headers.get('x-internal')).toBeNull();
    const [{ form, headers }] = identity.received as [TestTokenEndpoint['received'][number]];
    expect(form.get('subject_token')).toBe(token);
    expect(headers).toMatchObject({ authorization: 'Basic eDp5', 'x-request-id': expect.any(String) });
    expect(headers.cookie).toBeUndefined();
    expect(headers['lyceum-client']).toBeDefined();
  });

  test('passes refusals back as they are', async () => {
    const response = await ask({ body: new URLSearchParams({ grant_type: 'password' }) });
    expect([response.status, await response.json()]).toEqual([400, { error: 'invalid_request' }]);
  });

  test('says that identity cannot be reached', async () => {
    const alone = await startGateway(school.all, { tokenEndpoint: 'http://127.0.0.1:9/oauth/token' });
    const response = await fetch(`${alone.origin}/oauth/token`, { method: 'POST', body: 'x=y' });
    expect([response.status, await response.json()]).toEqual([503, { error: 'temporarily_unavailable' }]);
    await alone.stop();
  });
});
