import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newSecret } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { runIdentity, type Member, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';
import { askForToken, exchangeOf } from './kit/token-endpoint.ts';
import { sql } from './kit/sql.ts';

let identity: RunningIdentity;
let organisation: Organisation;
let owner: Member;

beforeAll(async () => {
  identity = await runIdentity();
  organisation = await identity.organisation('tokens');
});
afterAll(() => identity.stop());
beforeEach(async () => {
  owner = await organisation.member('AUTHOR', 'INSTRUCTOR');
});

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

interface Created {
  personalAccessTokenCreate: {
    personalAccessToken: { id: string } | null;
    secret: string | null;
    userErrors: object[];
  };
}

const create = (client: GraphQLClient, input: object = {}) =>
  client<Created>(
    `mutation ($input: PersonalAccessTokenCreateInput!) {
      personalAccessTokenCreate(input: $input) {
        personalAccessToken { id } secret userErrors { field code }
      }
    }`,
    { input: { name: 'A script', permissions: ['course.create'], expiresAt: inDays(30), ...input } },
  );

async function newToken(input: object = {}): Promise<{ id: string; secret: string }> {
  const { data } = await create(owner.ask, input);
  expect(data.personalAccessTokenCreate.userErrors).toEqual([]);
  const { personalAccessToken, secret } = data.personalAccessTokenCreate;
  return { id: personalAccessToken!.id, secret: secret! };
}

const exchange = (secret: string, more: Record<string, string> = {}) =>
  askForToken(identity, { ...exchangeOf(secret), ...more });

const refused = { status: 400, body: { error: 'invalid_request' } };

describe('a personal access token', () => {
  test('is exchanged for a short access token in the name of its owner', async () => {
    const { id, secret } = await newToken();
    expect(secret).toMatch(/^lyp_[0-9A-Za-z]{49}$/);
    const { status, headers, body } = await exchange(secret);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toMatchObject({
      token_type: 'Bearer',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      scope: 'course.create',
    });
    expect(decodeJwt(body.access_token)).toMatchObject({
      sub: owner.userId,
      sid: id,
      roles: [],
      permissions: ['course.create'],
      permissions_only: true,
    });
    const ask = graphqlClient(identity.url, body.access_token);
    expect((await ask('{ viewer { user { id } } }')).data).toEqual({
      viewer: { user: { id: owner.userId } },
    });
  });

  test('is no access token itself: behind the gateway nobody takes it', async () => {
    const { secret } = await newToken();
    expect((await graphqlClient(identity.url, secret)('{ viewer { roles } }')).status).toBe(401);
  });

  test('allows what its owner may at the moment, of what it was given', async () => {
    const { secret } = await newToken({ permissions: ['course.create', 'user.list'] });
    expect((await exchange(secret)).body.scope).toBe('course.create user.list');
    expect((await exchange(secret, { scope: 'user.list' })).body.scope).toBe('user.list');
    const setRoles = (roles: string[]) =>
      organisation.admin(
        `mutation ($input: MembershipUpdateInput!) { membershipUpdate(input: $input) { userErrors { code } } }`,
        { input: { userId: owner.userId, roles } },
      );
    await setRoles(['AUTHOR']);
    expect((await exchange(secret)).body.scope).toBe('course.create');
    await setRoles(['LEARNER']);
    expect(await exchange(secret)).toMatchObject(refused);
  });

  test('of an administrator who is none any more administrates nothing with the access token of before', async () => {
    const other = await organisation.member('ADMIN');
    const { data } = await create(other.ask, { permissions: ['lrs-key.create'] });
    const { body } = await exchange(data.personalAccessTokenCreate.secret!);
    const ask = graphqlClient(identity.url, body.access_token);
    const makeKey = () => ask('mutation { lrsKeyCreate(input: { name: "A key" }) { secret } }');
    expect((await makeKey()).errors).toBeUndefined();
    await other.ask(
      'mutation ($id: ID!) { personalAccessTokenRevoke(input: { id: $id }) { userErrors { code } } }',
      {
        id: data.personalAccessTokenCreate.personalAccessToken!.id,
      },
    );
    expect((await makeKey()).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test('makes no other, and changes nothing of how one logs in: that needs a login', async () => {
    const { secret } = await newToken({
      permissions: [
        'personal-access-token.create.own',
        'password.change.own',
        'email.change.own',
        'second-factor.update.own',
      ],
    });
    const ask = graphqlClient(identity.url, (await exchange(secret)).body.access_token);
    for (const { errors } of [
      await create(ask),
      await ask(
        'mutation { passwordChange(input: { currentPassword: "lyceum-demo", newPassword: "another password" }) { endedSessions } }',
      ),
      await ask(
        'mutation { emailChangeRequest(input: { newEmail: "a@b.example", currentPassword: "lyceum-demo" }) { email } }',
      ),
      await ask(
        'mutation { totpEnrolBegin(input: { currentPassword: "lyceum-demo" }) { userErrors { code } } }',
      ),
      await ask('mutation { totpEnrolConfirm(input: { code: "123456" }) { userErrors { code } } }'),
      await ask(
        'mutation { recoveryCodesRenew(input: { currentPassword: "lyceum-demo" }) { userErrors { code } } }',
      ),
      await ask(
        'mutation { passkeyRegisterBegin(input: { currentPassword: "lyceum-demo" }) { userErrors { code } } }',
      ),
      await ask('mutation { passkeyRename(input: { id: "passkey_1", name: "A" }) { userErrors { code } } }'),
    ])
      expect(errors).toMatchObject([
        { extensions: { code: 'FORBIDDEN', missing: expect.stringMatching(/^a login/) } },
      ]);
  });

  test('is listed for its owner alone, with its last use', async () => {
    const { id, secret } = await newToken();
    const listed = async ({ ask }: Member) => {
      const { data } = await ask<{
        viewer: { personalAccessTokens: { nodes: { id: string; lastUsedAt: string | null }[] } };
      }>('{ viewer { personalAccessTokens { nodes { id lastUsedAt } totalCount } } }');
      return data.viewer.personalAccessTokens;
    };
    expect(await listed(owner)).toEqual({ nodes: [{ id, lastUsedAt: null }], totalCount: 1 });
    await exchange(secret);
    expect((await listed(owner)).nodes).toEqual([{ id, lastUsedAt: expect.stringMatching(/Z$/) }]);
    expect(await listed(await organisation.member('ADMIN'))).toEqual({ nodes: [], totalCount: 0 });
  });

  test.each([
    [
      'that is revoked',
      () =>
        owner.ask(
          'mutation ($id: ID!) { personalAccessTokenRevoke(input: { id: $id }) { userErrors { code } } }',
          { id: token.id },
        ),
    ],
    [
      'of somebody who was removed',
      () =>
        organisation.admin(
          'mutation ($id: ID!) { membershipRemove(input: { userId: $id }) { userErrors { code } } }',
          { id: owner.userId },
        ),
    ],
  ])('%s opens nothing, and every gateway is told', async (_what, end) => {
    token = await newToken();
    await end();
    expect(await exchange(token.secret)).toMatchObject(refused);
    await publishedEvents(identity, (known) => {
      expect(
        known.some(({ type, subject }) => type === 'personal-access-token.revoked' && subject === token.id),
      ).toBe(true);
    });
  });

  test('that has expired opens nothing, and its last access token ends with it', async () => {
    const { id, secret } = await newToken({ expiresAt: new Date(Date.now() + 30_000).toISOString() });
    expect((await exchange(secret)).body.expires_in).toBeLessThanOrEqual(30);
    await sql(identity.databaseUrl, 'UPDATE personal_access_token SET expires_at = now() WHERE id = $1', [
      id,
    ]);
    expect(await exchange(secret)).toMatchObject(refused);
  });

  test.each([
    ['made up', () => newSecret('lyp')],
    ['no token', () => 'lyp_x'],
    ['of another kind', () => newSecret('lyc')],
  ])('that is %s opens nothing', async (_what, secret) => {
    expect(await exchange(secret())).toMatchObject(refused);
  });

  test('is exchanged as what it is', async () => {
    const { secret } = await newToken();
    const type = { subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' };
    expect(await exchange(secret, type)).toMatchObject(refused);
  });
});

let token: { id: string; secret: string };

test.each([
  ['lasts longer than a year', { expiresAt: inDays(400) }, 'expiresAt'],
  ['has expired', { expiresAt: inDays(-1) }, 'expiresAt'],
  ['may do nothing', { permissions: [] }, 'permissions'],
  ['has no name', { name: ' ' }, 'name'],
])('a personal access token that %s is not made', async (_what, input, field) => {
  const { data } = await create(owner.ask, input);
  expect(data.personalAccessTokenCreate).toMatchObject({
    secret: null,
    userErrors: [{ field: ['input', field], code: 'INVALID' }],
  });
});

test('nobody gives a token what they lack', async () => {
  const { errors } = await create(owner.ask, { permissions: ['course.create', 'user.create'] });
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
});

test('nobody ends the token of somebody else in the same organisation', async () => {
  const { id } = await newToken();
  const { ask } = await organisation.member('ADMIN');
  const { data } = await ask(
    'mutation ($id: ID!) { personalAccessTokenRevoke(input: { id: $id }) { userErrors { code } } }',
    { id },
  );
  expect(data).toEqual({ personalAccessTokenRevoke: { userErrors: [{ code: 'NOT_FOUND' }] } });
});
