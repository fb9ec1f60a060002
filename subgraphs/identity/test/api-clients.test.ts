import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newSecret } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { runIdentity, type RunningIdentity } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';
import { askForToken, type TokenAnswer } from './kit/token-endpoint.ts';
import { sql } from './kit/sql.ts';

let identity: RunningIdentity;
let admin: GraphQLClient;

beforeAll(async () => {
  identity = await runIdentity();
  admin = await identity.loggedIn('admin');
});
afterAll(() => identity.stop());

interface Created {
  apiClientCreate: { apiClient: { id: string } | null; secret: string | null; userErrors: object[] };
}

const create = (client: GraphQLClient, input: object) =>
  client<Created>(
    `mutation ($input: ApiClientCreateInput!) {
      apiClientCreate(input: $input) { apiClient { id permissions } secret userErrors { field code } }
    }`,
    {
      input: {
        name: 'A program',
        permissions: [
          'lrs-key.create',
          'organisation.read',
          'api-client.create',
          'user.update.own',
          'session.read.own',
          'session.revoke.own',
          'password.change.own',
          'personal-access-token.read.own',
        ],
        ...input,
      },
    },
  );

interface Client {
  readonly id: string;
  readonly secret: string;
}

async function newClient(input: object = {}): Promise<Client> {
  const { data } = await create(admin, input);
  expect(data.apiClientCreate.userErrors).toEqual([]);
  return { id: data.apiClientCreate.apiClient!.id, secret: data.apiClientCreate.secret! };
}

const grantOf = ({ id, secret }: Client, more: Record<string, string> = {}) =>
  askForToken(identity, { grant_type: 'client_credentials', client_id: id, client_secret: secret, ...more });

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`,
});

async function asClient(client: Client): Promise<GraphQLClient> {
  return graphqlClient(identity.url, (await grantOf(client)).body.access_token);
}

const revoke = (id: string) =>
  admin('mutation ($id: ID!) { apiClientRevoke(input: { id: $id }) { apiClient { revokedAt } } }', { id });

describe('an API client', () => {
  test('gets a short access token in its own name, that nobody keeps', async () => {
    const client = await newClient({ permissions: ['lrs-key.create'] });
    const { status, headers, body } = await grantOf(client);
    expect(status).toBe(200);
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    expect(body).toMatchObject({ token_type: 'Bearer', scope: 'lrs-key.create' });
    expect(body.expires_in).toBeGreaterThan(590);
    expect(decodeJwt(body.access_token)).toMatchObject({
      sub: client.id,
      sid: client.id,
      roles: [],
      permissions: ['lrs-key.create'],
      permissions_only: true,
    });
  });

  test('shows its secret in the header as well, form-encoded before it is joined', async () => {
    const { id, secret } = await newClient();
    const { status } = await askForToken(
      identity,
      { grant_type: 'client_credentials', client_id: id },
      basic(id, secret),
    );
    expect(status).toBe(200);
  });

  test('acts with what it was given, and is nobody', async () => {
    const ask = await asClient(await newClient());
    expect((await ask('{ viewer { roles organisation { slug } } }')).data).toEqual({
      viewer: { roles: [], organisation: { slug: 'demo' } },
    });
    const made = await ask<{ lrsKeyCreate: { userErrors: object[] } }>(
      'mutation { lrsKeyCreate(input: { name: "By a program" }) { userErrors { code } } }',
    );
    expect(made.data.lrsKeyCreate.userErrors).toEqual([]);
    for (const own of [
      '{ viewer { user { id } } }',
      '{ viewer { sessions { nodes { id } } } }',
      '{ viewer { personalAccessTokens { nodes { id } } } }',
      'mutation { sessionRevoke(input: {}) { sessionId } }',
      'mutation { userUpdate(input: { name: "Somebody" }) { user { id } } }',
      'mutation { passwordChange(input: { currentPassword: "a", newPassword: "another one" }) { endedSessions } }',
    ]) {
      const { errors } = await ask(own);
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
  });

  test('stands in the audit log as what it is', async () => {
    const client = await newClient();
    await (
      await asClient(client)
    )('mutation { lrsKeyCreate(input: { name: "Audited" }) { secret } }');
    const { data } = await admin<{ auditEvents: { nodes: object[] } }>(
      `{ auditEvents(first: 2) { nodes { act actorKind sessionId subjectId } } }`,
    );
    expect(data.auditEvents.nodes).toContainEqual(
      expect.objectContaining({ act: 'lrs-key.create', actorKind: 'API_CLIENT', sessionId: client.id }),
    );
  });

  test('gets less where it asks for less, and never more', async () => {
    const client = await newClient({ permissions: ['user.read', 'user.list'] });
    expect((await grantOf(client, { scope: 'user.list' })).body.scope).toBe('user.list');
    const more = await grantOf(client, { scope: 'user.list user.create' });
    expect([more.status, more.body.error]).toEqual([400, 'invalid_scope']);
  });

  test('is listed with its last use', async () => {
    const client = await newClient();
    const listed = async () => {
      const { data } = await admin<{ apiClients: { nodes: { id: string; lastUsedAt: string | null }[] } }>(
        '{ apiClients(last: 100) { nodes { id lastUsedAt } totalCount } }',
      );
      return data.apiClients.nodes.find(({ id }) => id === client.id)?.lastUsedAt;
    };
    expect(await listed()).toBeNull();
    const before = Date.now();
    await grantOf(client);
    expect(new Date((await listed())!).getTime()).toBeGreaterThanOrEqual(before - 1);
  });

  test('that expires gets no token that outlives it, and none afterwards', async () => {
    const expiresAt = new Date(Date.now() + 30_000).toISOString();
    const client = await newClient({ expiresAt });
    expect((await grantOf(client)).body.expires_in).toBeLessThanOrEqual(30);
    await sql(identity.databaseUrl, 'UPDATE api_client SET expires_at = now() WHERE id = $1', [client.id]);
    expect(await grantOf(client)).toMatchObject(refused);
  });

  test('that is revoked gets no token, does nothing with one that it has, and every gateway is told', async () => {
    const client = await newClient();
    const ask = await asClient(client);
    await revoke(client.id);
    expect(await grantOf(client)).toMatchObject(refused);
    const { errors } = await ask('mutation { lrsKeyCreate(input: { name: "Late" }) { secret } }');
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const events = await publishedEvents(identity, (known) => {
      expect(known.some(({ type, subject }) => type === 'api-client.revoked' && subject === client.id)).toBe(
        true,
      );
    });
    expect(JSON.stringify(events)).not.toContain(client.secret);
  });

  test('that is rotated opens with both secrets until the overlap ends, then with the new one', async () => {
    const client = await newClient();
    const { data } = await admin<{ apiClientRotate: { secret: string } }>(
      'mutation ($id: ID!) { apiClientRotate(input: { id: $id }) { secret userErrors { code } } }',
      { id: client.id },
    );
    const newer = { ...client, secret: data.apiClientRotate.secret };
    expect([(await grantOf(client)).status, (await grantOf(newer)).status]).toEqual([200, 200]);
    await sql(identity.databaseUrl, 'UPDATE api_client SET previous_until = now() WHERE id = $1', [
      client.id,
    ]);
    expect(await grantOf(client)).toMatchObject(refused);
    expect((await grantOf(newer)).status).toBe(200);
  });
});

const refused = { status: 401, body: { error: 'invalid_client' } };

describe('nobody', () => {
  test('gives a client what they lack', async () => {
    const client = await asClient(await newClient());
    expect((await create(client, { permissions: ['user.create'] })).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
  });

  test('but an administrator makes, sees or ends one', async () => {
    const author = await identity.loggedIn('author');
    const { id } = await newClient();
    for (const { errors } of [
      await create(author, { permissions: ['course.create'] }),
      await author('{ apiClients { nodes { id } } }'),
      await author('mutation ($id: ID!) { apiClientRevoke(input: { id: $id }) { apiClient { id } } }', {
        id,
      }),
    ])
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test.each([
    ['without a permission', []],
    ['with one that there is not', ['world.rule']],
  ])('makes one %s', async (_what, permissions) => {
    const { data } = await create(admin, { permissions });
    expect(data.apiClientCreate.userErrors).toEqual([{ field: ['input', 'permissions'], code: 'INVALID' }]);
  });
});

describe('the token endpoint refuses', () => {
  let client: Client;
  let other: Client;

  beforeAll(async () => {
    [client, other] = [await newClient(), await newClient()];
  });

  type Case = [what: string, status: number, error: string, ask: () => Promise<TokenAnswer>];
  const credentials = { grant_type: 'client_credentials' };
  const json = { 'content-type': 'application/json' };

  test.each<Case>([
    ['an unknown client', 401, 'invalid_client', () => grantOf({ ...client, id: 'apiclient_x' })],
    ['U+0000 for a client', 401, 'invalid_client', () => grantOf({ ...client, id: '\0' })],
    ['a made up secret', 401, 'invalid_client', () => grantOf({ ...client, secret: newSecret('lyc') })],
    ["another client's secret", 401, 'invalid_client', () => grantOf({ ...client, secret: other.secret })],
    ['no credentials', 401, 'invalid_client', () => askForToken(identity, credentials)],
    [
      'a header that is not Basic',
      401,
      'invalid_client',
      () => askForToken(identity, credentials, { authorization: 'Bearer x' }),
    ],
    [
      'credentials in two places',
      400,
      'invalid_request',
      () =>
        askForToken(
          identity,
          { ...credentials, client_secret: client.secret },
          basic(client.id, client.secret),
        ),
    ],
    [
      'a header and a form that disagree',
      400,
      'invalid_request',
      () => askForToken(identity, { ...credentials, client_id: other.id }, basic(client.id, client.secret)),
    ],
    ['no grant type', 400, 'invalid_request', () => askForToken(identity, {})],
    [
      'another grant type',
      400,
      'unsupported_grant_type',
      () => askForToken(identity, { grant_type: 'password' }),
    ],
    [
      'a parameter that is given twice',
      400,
      'invalid_request',
      () => askForToken(identity, 'grant_type=client_credentials&grant_type=client_credentials'),
    ],
    ['a scope that it has not', 400, 'invalid_scope', () => grantOf(client, { scope: 'user.create' })],
    ['a scope of nothing', 400, 'invalid_scope', () => grantOf(client, { scope: ' ' })],
    ['JSON', 400, 'invalid_request', () => askForToken(identity, JSON.stringify(credentials), json)],
    [
      'a body that is too long',
      400,
      'invalid_request',
      () => askForToken(identity, { ...credentials, more: 'x'.repeat(20_000) }),
    ],
  ])('%s', async (_what, status, error, ask) => {
    const answer = await ask();
    expect([answer.status, answer.body.error]).toEqual([status, error]);
    expect(answer.body.error_description).toMatch(/./);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('www-authenticate')?.startsWith('Basic ')).toBe(status === 401 || undefined);
  });
});
