import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { domainEvent } from '@lyceum/events';
import { newId } from '@lyceum/service';
import { createTestIssuer, eventually, type TestIssuer, type TokenClaims } from '@lyceum/testing';
import { createCredentials } from '../src/receive/credentials.ts';
import { remote, resources } from './kit/documents.ts';
import { publicUrl, startLrs, type Lrs } from './kit/lrs.ts';
import { statement } from './kit/statements.ts';
import { xapiClient, type XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await createTestIssuer(publicUrl);
  lrs = await startLrs({ JWKS_URL: issuer.jwksUrl });
}, 60_000);

afterAll(async () => {
  await lrs.stop();
  await issuer.close();
});

async function bearer(claims: TokenClaims): Promise<XapiClient> {
  const authorization = `Bearer ${await issuer.tokenFor({ organisationId: 'org_a', ...claims })}`;
  const client = xapiClient(lrs.url, 'none');
  const own: XapiClient['send'] = (method, path, o = {}) =>
    client.send(method, path, { ...o, headers: { authorization, ...o.headers } });
  return {
    url: lrs.url,
    headers: { authorization },
    send: own,
    post: (statements) => own('POST', '/xapi/statements', { body: JSON.stringify(statements) }),
    get: (query) => own('GET', `/xapi/statements${query}`),
  };
}

const [[, statePath, ofState]] = resources;

test('an administrator writes as themselves, whatever authority the client names', async () => {
  const userId = newId('user');
  const client = await bearer({ roles: ['ADMIN'], userId });
  const authority = { mbox: 'mailto:somebody@example.org' };
  const { status, body } = await client.post(statement({ authority }));
  expect(status).toBe(200);
  const [id] = body as unknown as string[];
  const found = await eventually(async () => {
    const answer = await client.get(`?statementId=${String(id)}`);
    expect(answer.status).toBe(200);
    return answer;
  });
  expect(found.body['authority']).toEqual({
    objectType: 'Agent',
    account: { homePage: publicUrl, name: userId },
  });
  expect((await remote(client, statePath, ofState).put('{}')).status).toBe(204);
});

test('an API client writes as an account of the store, if it has the permission', async () => {
  const userId = newId('apiclient');
  const claims = { userId, roles: [], permissionsOnly: true } as const;
  const writing = await bearer({ ...claims, permissions: ['statement.write', 'statement.read.own'] });
  const { body } = await writing.post(statement());
  const [id] = body as unknown as string[];
  await eventually(async () => {
    const found = await writing.get(`?statementId=${String(id)}`);
    expect(found.body['authority']).toMatchObject({
      account: { homePage: `${publicUrl}/xapi`, name: userId },
    });
  });
  const reading = await bearer({ ...claims, permissions: ['statement.read.all'] });
  expect((await reading.post(statement())).status).toBe(403);
  expect((await reading.get('?limit=1')).status).toBe(200);
});

test.each([
  ['LEARNER', 403, 200, 403],
  ['INSTRUCTOR', 403, 200, 403],
  ['ADMIN', 200, 200, 204],
] as const)(
  '%s may write statements: %i, read: %i, write documents: %i',
  async (role, write, read, document) => {
    const client = await bearer({ roles: [role] });
    expect((await client.post(statement())).status).toBe(write);
    expect((await client.get('?limit=1')).status).toBe(read);
    expect((await remote(client, statePath, ofState).put('{}')).status).toBe(document);
    expect((await remote(client, statePath, ofState).get()).status).toBe(document === 403 ? 403 : 200);
  },
);

test('a learner sees what they brought themselves, an instructor everything, of their organisation', async () => {
  const admin = await bearer({ roles: ['ADMIN'] });
  const elsewhere = await bearer({ roles: ['ADMIN'], organisationId: 'org_b' });
  const sent = statement();
  await admin.post(sent);
  const query = `?statementId=${String(sent['id'])}`;
  const instructor = await bearer({ roles: ['INSTRUCTOR'] });
  await eventually(async () => {
    expect((await instructor.get(query)).status).toBe(200);
  });
  expect((await (await bearer({ roles: ['LEARNER'] })).get(query)).status).toBe(404);
  expect((await elsewhere.get(query)).status).toBe(404);
  await remote(admin, statePath, ofState).put('{}');
  expect((await remote(elsewhere, statePath, ofState).get()).status).toBe(404);
});

test('what is granted for one person alone opens nobody else’s', async () => {
  const client = await bearer({ roles: [], grants: [{ may: ['statement.read.all'], on: ['user_x'] }] });
  expect((await client.get('?limit=1')).status).toBe(403);
});

test.each([
  ['has expired', () => issuer.tokenFor({ seconds: -1 })],
  ['is of another issuer', async () => otherToken()],
  ['is no token', () => Promise.resolve('lyp_abc')],
])('a token that %s opens nothing', async (_why, token) => {
  const answer = await xapiClient(lrs.url, 'none').send('GET', '/xapi/statements', {
    headers: { authorization: `Bearer ${await token()}` },
  });
  expect([answer.status, answer.body.error.code]).toEqual([401, 'UNAUTHENTICATED']);
  expect(answer.headers.get('www-authenticate')).toContain('Bearer');
});

async function otherToken(): Promise<string> {
  const other = await createTestIssuer(publicUrl);
  const token = await other.tokenFor({});
  await other.close();
  return token;
}

/** The session that a token names. */
const sessionOf = ({ headers }: XapiClient) =>
  (
    JSON.parse(Buffer.from(String(headers['authorization']).split('.')[1] ?? '', 'base64url').toString()) as {
      sid: string;
    }
  ).sid;

const soon = { timeoutMs: 5_000 };

test('a token whose session has ended opens nothing within 5 s, and others go on', async () => {
  const [ended, other] = [await bearer({ roles: ['ADMIN'] }), await bearer({ roles: ['ADMIN'] })];
  expect((await ended.get('?limit=1')).status).toBe(200);
  const session = {
    id: sessionOf(ended),
    userId: 'user_x',
    organisationId: 'org_a',
    endedAt: new Date().toISOString(),
    accessTokensUntil: new Date(Date.now() + 600_000).toISOString(),
  };
  await lrs.log.append([
    domainEvent({ type: 'session.ended', subject: 'user_x', organisation: 'org_a', data: { session } }),
  ]);
  await eventually(async () => {
    expect((await ended.get('?limit=1')).status).toBe(401);
  }, soon);
  expect((await other.get('?limit=1')).status).toBe(200);
});

test('a suspended organisation’s tokens open nothing; those of logins from before neither when it is reinstated', async () => {
  const login = await bearer({ roles: ['ADMIN'], organisationId: 'org_c' });
  // Never seen before: nothing of it is remembered.
  const other = await bearer({ roles: ['ADMIN'], organisationId: 'org_c' });
  expect((await login.get('?limit=1')).status).toBe(200);
  const tell = (state: 'SUSPENDED' | 'ACTIVE', revision: number) => {
    const about = { subject: 'org_c', organisation: 'org_c' };
    const now = new Date().toISOString();
    const organisation = { id: 'org_c', name: 'C', slug: 'c', revision, accessTokensUntil: now };
    const later = new Date(Date.now() + 2_000).toISOString();
    return lrs.log.append([
      state === 'SUSPENDED'
        ? domainEvent({
            type: 'organisation.suspended',
            ...about,
            data: { organisation: { ...organisation, state, suspendedAt: now } },
          })
        : domainEvent({
            type: 'organisation.reinstated',
            ...about,
            data: { organisation: { ...organisation, state, sessionsFrom: later } },
          }),
    ]);
  };
  await tell('SUSPENDED', 2);
  await eventually(async () => {
    expect((await login.get('?limit=1')).status).toBe(401);
    expect((await remote(login, statePath, ofState).put('{}')).status).toBe(401);
  }, soon);
  await tell('ACTIVE', 3);
  const key = await lrs.client('org_c');
  await eventually(async () => {
    expect((await key.get('?limit=1')).status).toBe(200);
  });
  expect((await other.get('?limit=1')).status).toBe(401);
}, 30_000);

test('where nobody can tell whether a token is good it is neither refused nor let through', async () => {
  const credentials = createCredentials({
    selectKey: () => Promise.resolve(null),
    bearerTokens: { verify: () => Promise.reject(new Error('away')) },
  });
  await expect(credentials.verify('Bearer abc')).rejects.toMatchObject({ status: 503 });
});
