import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { createAuthenticator, type Authenticator, type Ceremony } from './kit/authenticator.ts';
import { logIn, runIdentity, type RunningIdentity, type Tokens } from './kit/identity.ts';
import { answer, begin, refused, setUpTotp, type Refusal } from './kit/second-factor.ts';
import { sql } from './kit/sql.ts';

// Passkeys: registered, used alone, used beside the password, and every way in which they must not be.

const password = 'the password';
const page = { origin: 'https://app.lyceum.example', rpId: 'lyceum.example' };

let identity: RunningIdentity;
let visitor: GraphQLClient;
let admin: GraphQLClient;
let email: string;
let tokens: Tokens;
let authenticator: Authenticator;
let accounts = 0;

beforeAll(async () => {
  identity = await runIdentity({
    PUBLIC_URL: 'https://lyceum.example',
    WEBAUTHN_ORIGINS: 'https://app.lyceum.example',
  });
  visitor = graphqlClient(identity.url);
  admin = await identity.loggedIn('admin');
});
afterAll(() => identity.stop());
beforeEach(async () => {
  email = `passkey-${(accounts += 1)}@lyceum.example`;
  await createUser(admin);
  tokens = await logIn(visitor, email, password);
  authenticator = createAuthenticator(page);
});

async function createUser(client: GraphQLClient): Promise<void> {
  const { data } = await client<{ userCreate: { userErrors: unknown[] } }>(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }',
    { input: { name: 'Somebody', email, password } },
  );
  expect(data.userCreate.userErrors).toEqual([]);
}

const as = ({ accessToken }: Tokens) => graphqlClient(identity.url, accessToken);

interface CreationOptions {
  challenge: string;
  rp: { id: string };
  user: { id: string; name: string; displayName: string };
  excludeCredentials: { id: string }[];
  authenticatorSelection: object;
}

async function registerBegin(client: GraphQLClient, currentPassword = password) {
  const { data } = await client<{
    passkeyRegisterBegin: { options: CreationOptions | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: PasskeyRegisterBeginInput!) {
      passkeyRegisterBegin(input: $input) { options userErrors { field code } }
    }`,
    { input: { currentPassword } },
  );
  return data.passkeyRegisterBegin;
}

interface Registered {
  passkey: { id: string; name: string; synced: boolean } | null;
  recoveryCodes: string[] | null;
  userErrors: Refusal[];
}

async function registerFinish(client: GraphQLClient, response: unknown): Promise<Registered> {
  const { data } = await client<{ passkeyRegisterFinish: Registered }>(
    `mutation ($input: PasskeyRegisterFinishInput!) {
      passkeyRegisterFinish(input: $input) { passkey { id name synced } recoveryCodes userErrors { field code } }
    }`,
    { input: { name: 'A phone', response } },
  );
  return data.passkeyRegisterFinish;
}

async function register(
  client: GraphQLClient,
  by: Authenticator,
  ceremony: Ceremony = {},
): Promise<Registered> {
  const { options } = await registerBegin(client);
  return registerFinish(client, by.create(options!, ceremony));
}

async function loginBegin() {
  const { data } = await visitor<{ passkeyLoginBegin: { options: { challenge: string; rpId: string } } }>(
    'mutation { passkeyLoginBegin { options userErrors { code } } }',
  );
  return data.passkeyLoginBegin.options;
}

async function loginFinish(response: unknown) {
  const { data } = await visitor<{ passkeyLoginFinish: { tokens: Tokens | null; userErrors: Refusal[] } }>(
    `mutation ($input: PasskeyLoginFinishInput!) {
      passkeyLoginFinish(input: $input) {
        tokens { accessToken refreshToken expiresAt } userErrors { field code }
      }
    }`,
    { input: { response } },
  );
  return data.passkeyLoginFinish;
}

const isRefreshed = async ({ refreshToken }: Tokens) => {
  const { data } = await visitor<{ sessionRefresh: { tokens: object | null } }>(
    'mutation ($token: String!) { sessionRefresh(input: { refreshToken: $token }) { tokens { accessToken } } }',
    { token: refreshToken },
  );
  return data.sessionRefresh.tokens !== null;
};

const query = (statement: string, values?: unknown[]) => sql(identity.databaseUrl, statement, values);

/** What a client can send of any of these is not what the service asked for. */
const wrong: readonly (readonly [string, Ceremony])[] = [
  ['on the page of another site', { origin: 'https://lyceum.example.attacker.example' }],
  ['on an origin below ours that is not ours', { origin: 'https://other.lyceum.example' }],
  ['without TLS', { origin: 'http://app.lyceum.example' }],
  ['in a frame of another site', { crossOrigin: true }],
  ['for another relying party', { rpId: 'attacker.example' }],
  ['with another challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
  ['of another kind', { type: 'payment.get' }],
  ['without a finger or a PIN', { userVerified: false }],
  ['without anybody there', { userPresent: false }],
];

describe('registering a passkey', () => {
  test('asks for a resident key with user verification, under a handle that names nobody', async () => {
    const { options } = await registerBegin(as(tokens));
    expect(options).toMatchObject({
      rp: { id: 'lyceum.example' },
      user: { name: `${email} (Demo Academy)`, displayName: 'Somebody' },
      excludeCredentials: [],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    expect(Buffer.from(options!.user.id, 'base64url')).toHaveLength(64);
    expect((await registerBegin(as(tokens), 'another password')).userErrors).toEqual(
      refused('currentPassword'),
    );
  });

  test('gives recovery codes with the first, and ends the sessions that began with the password alone', async () => {
    const other = await logIn(visitor, email, password);
    const first = await register(as(tokens), authenticator);
    expect(first).toMatchObject({ passkey: { name: 'A phone', synced: false }, userErrors: [] });
    expect(first.recoveryCodes).toHaveLength(10);
    expect([await isRefreshed(other), await isRefreshed(tokens)]).toEqual([false, true]);
    const { options } = await registerBegin(as(tokens));
    expect(options!.excludeCredentials.map(({ id }) => id)).toEqual([authenticator.id]);
    const second = await register(as(tokens), createAuthenticator(page), { synced: true });
    expect(second).toMatchObject({ passkey: { synced: true }, recoveryCodes: null });
  });

  test.each(wrong)('%s is refused', async (_case, ceremony) => {
    const registered = await register(as(tokens), authenticator, ceremony);
    expect(registered).toMatchObject({ passkey: null, userErrors: refused('response', 'INVALID') });
  });

  test('is done once a challenge, by whom it was given to, in its time', async () => {
    const { options } = await registerBegin(as(tokens));
    const other = await identity.loggedIn('learner');
    expect((await registerFinish(other, authenticator.create(options!))).passkey).toBeNull();
    // Shown to somebody else, it is used up.
    expect((await registerFinish(as(tokens), authenticator.create(options!))).passkey).toBeNull();
    const late = (await registerBegin(as(tokens))).options!;
    await query(`UPDATE passkey_challenge SET expires_at = now() - interval '1 second'`);
    expect((await registerFinish(as(tokens), authenticator.create(late))).passkey).toBeNull();
    const login = await loginBegin();
    const forLogin = { ...(await registerBegin(as(tokens))).options!, challenge: login.challenge };
    expect((await registerFinish(as(tokens), authenticator.create(forLogin))).passkey).toBeNull();
  });

  test('is not done twice with one credential, whoever does it', async () => {
    expect((await register(as(tokens), authenticator)).userErrors).toEqual([]);
    expect((await register(as(tokens), authenticator)).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    email = `passkey-${(accounts += 1)}@lyceum.example`;
    await createUser(admin);
    const other = await logIn(visitor, email, password);
    expect((await register(as(other), authenticator)).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  });

  test.each([
    'text',
    {},
    { id: '=', response: {} },
    { id: 'a', rawId: 'a', type: 'public-key', response: {} },
  ])('with %j is refused', async (response) => {
    const { userErrors } = await registerFinish(as(tokens), response);
    expect(userErrors).toEqual(refused('response', 'INVALID'));
  });
});

describe('logging in with a passkey alone', () => {
  beforeEach(async () => {
    await register(as(tokens), authenticator);
  });

  test('gives a session of its organisation, made with more than one factor', async () => {
    const options = await loginBegin();
    expect(options).toMatchObject({ rpId: 'lyceum.example', userVerification: 'required' });
    const { tokens: given, userErrors } = await loginFinish(authenticator.get(options));
    expect(userErrors).toEqual([]);
    const [own, before] = [decodeJwt(given!.accessToken), decodeJwt(tokens.accessToken)];
    expect(own).toMatchObject({ sub: before.sub, org: before['org'], amr: ['hwk', 'mfa'] });
  });

  test.each(wrong)('%s is refused', async (_case, ceremony) => {
    const finished = await loginFinish(authenticator.get(await loginBegin(), ceremony));
    expect(finished).toEqual({ tokens: null, userErrors: refused('response') });
  });

  test('is done once a challenge, in its time', async () => {
    const options = await loginBegin();
    expect((await loginFinish(authenticator.get(options))).tokens).not.toBeNull();
    expect((await loginFinish(authenticator.get(options))).tokens).toBeNull();
    const late = await loginBegin();
    await query(`UPDATE passkey_challenge SET expires_at = now() - interval '1 second'`);
    expect((await loginFinish(authenticator.get(late))).tokens).toBeNull();
  });

  test('is not done with a challenge that was given for registering', async () => {
    const { options } = await registerBegin(as(tokens));
    expect((await loginFinish(authenticator.get(options!))).tokens).toBeNull();
  });

  test("is not done with an unknown credential, another's key, or in another's name", async () => {
    expect((await loginFinish(createAuthenticator(page).get(await loginBegin()))).tokens).toBeNull();
    const forged = createAuthenticator(page).get(await loginBegin(), { userHandle: null });
    const asOwn = { ...forged, id: authenticator.id, rawId: authenticator.id };
    expect((await loginFinish(asOwn)).tokens).toBeNull();
    const unnamed = authenticator.get(await loginBegin(), { userHandle: null });
    expect((await loginFinish(unnamed)).tokens).toBeNull();
    email = `passkey-${(accounts += 1)}@lyceum.example`;
    await createUser(admin);
    const { options } = await registerBegin(as(await logIn(visitor, email, password)));
    const named = authenticator.get(await loginBegin(), { userHandle: options!.user.id });
    expect((await loginFinish(named)).tokens).toBeNull();
  });

  test("is not done with another's signature beside the right name", async () => {
    const options = await loginBegin();
    const other = createAuthenticator(page).get(options);
    const own = authenticator.get(options);
    const mixed = { ...own, response: { ...own.response, signature: other.response.signature } };
    expect((await loginFinish(mixed)).tokens).toBeNull();
  });

  test('is not done with a counter that stands still or goes back: a copy was made', async () => {
    expect((await loginFinish(authenticator.get(await loginBegin(), { counter: 10 }))).tokens).not.toBeNull();
    for (const counter of [10, 9, 0]) {
      const finished = await loginFinish(authenticator.get(await loginBegin(), { counter }));
      expect([counter, finished.tokens]).toEqual([counter, null]);
    }
    const rows = await query(
      `SELECT event::jsonb->>'reason' AS reason FROM audit_event WHERE act = 'passkey.use' ORDER BY sequence DESC LIMIT 1`,
    );
    expect(rows).toEqual([{ reason: 'COUNTER_REGRESSED' }]);
    const last = authenticator.get(await loginBegin(), { counter: 4_294_967_295 });
    expect((await loginFinish(last)).tokens).not.toBeNull();
  });

  test('is not done by who was taken out of the organisation', async () => {
    const { data } = await admin<{ membershipRemove: { userErrors: unknown[] } }>(
      'mutation ($id: ID!) { membershipRemove(input: { userId: $id }) { userErrors { code } } }',
      { id: decodeJwt(tokens.accessToken).sub },
    );
    expect(data.membershipRemove.userErrors).toEqual([]);
    const finished = await loginFinish(authenticator.get(await loginBegin()));
    expect(finished).toEqual({ tokens: null, userErrors: refused('response') });
  });
});

test('an authenticator that never counts is taken again and again', async () => {
  await register(as(tokens), authenticator, { counter: 0, synced: true });
  for (let count = 0; count < 2; count += 1) {
    const { tokens: given } = await loginFinish(authenticator.get(await loginBegin(), { counter: 0 }));
    expect(decodeJwt(given!.accessToken)['amr']).toEqual(['swk', 'mfa']);
  }
});

describe('a passkey beside the password', () => {
  test('is asked for from its registration on, by its id, and no finger is needed', async () => {
    await register(as(tokens), authenticator);
    const { tokens: none, challenge } = await begin(visitor, { email, password });
    expect(none).toBeNull();
    expect(challenge!.methods).toEqual(['PASSKEY', 'RECOVERY_CODE']);
    const options = challenge!.passkeyOptions!;
    expect(options.allowCredentials.map(({ id }) => id)).toEqual([authenticator.id]);
    const assertion = authenticator.get(options, { userVerified: false });
    const answered = await answer(visitor, challenge!.token, { passkey: assertion });
    expect(decodeJwt(answered.tokens!.accessToken)['amr']).toEqual(['pwd', 'hwk', 'mfa']);
  });

  test.each(wrong.filter(([, { userVerified }]) => userVerified === undefined))(
    '%s is refused',
    async (_case, ceremony) => {
      await register(as(tokens), authenticator);
      const { challenge } = await begin(visitor, { email, password });
      const assertion = authenticator.get(challenge!.passkeyOptions!, ceremony);
      const answered = await answer(visitor, challenge!.token, { passkey: assertion });
      expect(answered).toMatchObject({ tokens: null, userErrors: refused('passkey') });
    },
  );

  test("is neither another person's nor for another login", async () => {
    await register(as(tokens), authenticator);
    const other = { email, authenticator };
    email = `passkey-${(accounts += 1)}@lyceum.example`;
    await createUser(admin);
    await register(as(await logIn(visitor, email, password)), createAuthenticator(page));
    const { challenge } = await begin(visitor, { email, password });
    const foreign = other.authenticator.get(challenge!.passkeyOptions!);
    expect((await answer(visitor, challenge!.token, { passkey: foreign })).tokens).toBeNull();
    const [first, second] = [
      await begin(visitor, { email: other.email, password }),
      await begin(visitor, { email: other.email, password }),
    ];
    const assertion = authenticator.get(first.challenge!.passkeyOptions!);
    expect((await answer(visitor, second.challenge!.token, { passkey: assertion })).tokens).toBeNull();
    const alone = authenticator.get(await loginBegin());
    expect((await answer(visitor, second.challenge!.token, { passkey: alone })).tokens).toBeNull();
  });
});

interface Listed {
  viewer: {
    passkeys: { nodes: { id: string; name: string; lastUsedAt: string | null }[]; totalCount: number };
  };
}

const listed = async (first = 10) =>
  (
    await as(tokens)<Listed>(
      `{ viewer { passkeys(first: ${first}) { nodes { id name lastUsedAt } totalCount } } }`,
    )
  ).data.viewer.passkeys;

describe('the passkeys of the viewer', () => {
  test('are listed, renamed and removed; with the last go the recovery codes', async () => {
    const ids = [
      await register(as(tokens), authenticator),
      await register(as(tokens), createAuthenticator(page)),
    ].map(({ passkey }) => passkey!.id);
    expect((await listed()).nodes.map(({ id }) => id)).toEqual(ids);
    expect(await listed(1)).toMatchObject({ nodes: [{ id: ids[0], lastUsedAt: null }], totalCount: 2 });
    const renamed = await as(tokens)<{ passkeyRename: object }>(
      'mutation ($input: PasskeyRenameInput!) { passkeyRename(input: $input) { passkey { name } userErrors { code } } }',
      { input: { id: ids[0], name: ' The red key ' } },
    );
    expect(renamed.data.passkeyRename).toEqual({ passkey: { name: 'The red key' }, userErrors: [] });
    await loginFinish(authenticator.get(await loginBegin()));
    expect((await listed()).nodes[0]).toMatchObject({ name: 'The red key', lastUsedAt: expect.any(String) });
    expect((await remove(ids[0]!, 'another password')).userErrors).toEqual(refused('currentPassword'));
    expect(await remove(ids[0]!)).toEqual({ passkeyId: ids[0], userErrors: [] });
    expect((await loginFinish(authenticator.get(await loginBegin()))).tokens).toBeNull();
    expect((await begin(visitor, { email, password })).challenge).not.toBeNull();
    await remove(ids[1]!);
    expect((await begin(visitor, { email, password })).tokens).not.toBeNull();
    const left = await query('SELECT 1 FROM recovery_code WHERE user_id = $1', [
      decodeJwt(tokens.accessToken).sub,
    ]);
    expect(left).toEqual([]);
  });

  const remove = async (id: string, currentPassword = password) => {
    const { data } = await as(tokens)<{ passkeyRemove: { userErrors: object[] } }>(
      'mutation ($input: PasskeyRemoveInput!) { passkeyRemove(input: $input) { passkeyId userErrors { field code } } }',
      { input: { id, currentPassword } },
    );
    return data.passkeyRemove;
  };

  test('are nobody else’s to rename or remove', async () => {
    const { passkey } = await register(as(tokens), authenticator);
    const input = { id: passkey!.id, name: 'Mine' };
    const { data } = await admin<{ passkeyRename: { userErrors: object[] } }>(
      'mutation ($input: PasskeyRenameInput!) { passkeyRename(input: $input) { userErrors { field code } } }',
      { input },
    );
    expect(data.passkeyRename.userErrors).toEqual(refused('id', 'NOT_FOUND'));
    const removal = await admin<{ passkeyRemove: { userErrors: object[] } }>(
      'mutation ($input: PasskeyRemoveInput!) { passkeyRemove(input: $input) { userErrors { field code } } }',
      { input: { id: passkey!.id, currentPassword: 'lyceum-demo' } },
    );
    expect(removal.data.passkeyRemove.userErrors).toEqual(refused('id', 'NOT_FOUND'));
    expect((await listed()).totalCount).toBe(1);
  });

  test('and an authenticator app share the recovery codes', async () => {
    await setUpTotp(as(tokens), password);
    expect((await register(as(tokens), authenticator)).recoveryCodes).toBeNull();
    const { challenge } = await begin(visitor, { email, password });
    expect(challenge!.methods).toEqual(['TOTP', 'PASSKEY', 'RECOVERY_CODE']);
  });
});
