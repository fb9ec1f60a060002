import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { logIn, runIdentity, type RunningIdentity } from './kit/identity.ts';
import { subjectOf, untilMailed } from './kit/mailbox.ts';
import { answer, begin, codeOf, setUpTotp, wrongCode, type Refusal } from './kit/second-factor.ts';
import { sql } from './kit/sql.ts';

// Who has a second factor changes the factors with it, and not with the password alone; and is told of each change.

const password = 'the password';
let identity: RunningIdentity;
let visitor: GraphQLClient;
let admin: GraphQLClient;
let email: string;
let userId: string;
let ask: GraphQLClient;
let people = 0;

beforeAll(async () => {
  identity = await runIdentity();
  visitor = graphqlClient(identity.url);
  admin = await identity.loggedIn('admin');
});
afterAll(() => identity.stop());
beforeEach(async () => {
  email = `step-up-${(people += 1)}@lyceum.example`;
  await admin('mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }', {
    input: { name: 'Somebody', email, password },
  });
  const { accessToken } = await logIn(visitor, email, password);
  userId = decodeJwt(accessToken).sub!;
  ask = graphqlClient(identity.url, accessToken);
});

type Input = Record<string, unknown>;

async function run(mutation: string, input: Input): Promise<Refusal[]> {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!`;
  const { data, errors } = await ask<Record<string, { userErrors: Refusal[] }>>(
    `mutation ($input: ${type}) { ${mutation}(input: $input) { userErrors { field code } } }`,
    { input },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data[mutation]!.userErrors;
}

/** As if the logins had been a while ago. */
const later = () =>
  sql(identity.databaseUrl, "UPDATE session SET created_at = created_at - interval '16 minutes'");

const needed = [{ field: ['input', 'totp'], code: 'SECOND_FACTOR_NEEDED' }];

const passkeyOf = async () => {
  const id = `passkey_${people}`;
  await sql(
    identity.databaseUrl,
    `INSERT INTO passkey (id, organisation_id, user_id, user_handle, credential_id, public_key, counter, transports, synced, name)
     SELECT $1, organisation_id, user_id, $1, $1, '', 0, '{}', false, 'A key' FROM membership WHERE user_id = $2`,
    [id, userId],
  );
  return id;
};

describe('with a second factor that was not shown lately', () => {
  test.each<[string, (id: string) => Input]>([
    ['recoveryCodesRenew', () => ({})],
    ['passkeyRegisterBegin', () => ({})],
    ['passkeyRemove', (id) => ({ id })],
    ['totpEnrolBegin', () => ({})],
  ])('%s wants a code beside the password', async (mutation, more) => {
    const { recoveryCodes } = await setUpTotp(ask, password);
    const input = { currentPassword: password, ...more(await passkeyOf()) };
    await later();
    expect(await run(mutation, input)).toEqual(needed);
    const [recoveryCode] = recoveryCodes;
    const isThere = [{ field: null, code: 'CONFLICT' }];
    const done = mutation === 'totpEnrolBegin' ? isThere : [];
    expect(await run(mutation, { ...input, recoveryCode })).toEqual(done);
    const again = await run(mutation, { ...input, recoveryCode });
    expect(again).toEqual([{ field: ['input', 'recoveryCode'], code: 'CREDENTIALS_REFUSED' }]);
  });

  test('takes the code of the app, and no wrong one', async () => {
    const { secret } = await setUpTotp(ask, password);
    await later();
    const wrong = await run('recoveryCodesRenew', { currentPassword: password, totp: wrongCode(secret) });
    expect(wrong).toEqual([{ field: ['input', 'totp'], code: 'CREDENTIALS_REFUSED' }]);
    const totp = codeOf(secret, 1);
    expect(await run('recoveryCodesRenew', { currentPassword: password, totp })).toEqual([]);
  });
});

test('who logged in with a second factor lately is not asked for it again', async () => {
  const { secret } = await setUpTotp(ask, password);
  const { challenge } = await begin(visitor, { email, password });
  const { tokens } = await answer(visitor, challenge!.token, { totp: codeOf(secret, 1) });
  ask = graphqlClient(identity.url, tokens!.accessToken);
  expect(await run('recoveryCodesRenew', { currentPassword: password })).toEqual([]);
});

test('who has no second factor needs the password alone', async () => {
  await later();
  expect(await run('passkeyRegisterBegin', { currentPassword: password })).toEqual([]);
});

test('an administrator does not take their own second factors as those of who lost theirs', async () => {
  const { data } = await admin<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
  ask = admin;
  const errors = await run('secondFactorsReset', { userId: data.viewer.user.id });
  expect(errors).toMatchObject([{ code: 'CONFLICT' }]);
});

test('the person is mailed each change, with when and from where, in their language', async () => {
  await ask('mutation { profileUpdate(input: { locale: "de" }) { userErrors { code } } }');
  const { recoveryCodes } = await setUpTotp(ask, password);
  await run('recoveryCodesRenew', { currentPassword: password, recoveryCode: recoveryCodes[0] });
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  await run('personalAccessTokenCreate', { name: 'Mine', permissions: ['session.read.own'], expiresAt });
  await admin('mutation ($id: ID!) { secondFactorsReset(input: { userId: $id }) { userErrors { code } } }', {
    id: userId,
  });
  const mails = await untilMailed(identity, email, 5);
  const told = mails.map((mail) => subjectOf(mail)).join('\n');
  for (const words of [
    'Authentifizierungs-App wurde',
    'Wiederherstellungscode Ihres Kontos wurde benutzt',
    'Neue Wiederherstellungscodes',
    'Zugriffstoken wurde in Ihrem Namen',
    'Alle zweiten Faktoren',
  ])
    expect(told).toContain(words);
  for (const { text } of mails) expect(text).toMatch(/Wann: \d{4}-\d\d-\d\d \d\d:\d\d UTC\. Von: /);
});
