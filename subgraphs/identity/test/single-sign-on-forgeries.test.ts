import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { startForgingProvider, type Forgery, type ForgingProvider } from './kit/forging-provider.ts';
import { logIn, runIdentity, type RunningIdentity } from './kit/identity.ts';
import { answer, codeOf, setUpTotp } from './kit/second-factor.ts';
import {
  beginLink,
  browserOf,
  codeRefused,
  exchange,
  finishLink,
  newProvider,
  setReturns,
  signOn,
  startUrl,
  walk,
} from './kit/single-sign-on.ts';

// What a provider, or whoever stands between, says that is not right; and who somebody is whom it names.

let identity: RunningIdentity;
let provider: ForgingProvider;
let admin: GraphQLClient;
let providerId: string;

beforeAll(async () => {
  [identity, provider] = [await runIdentity(), await startForgingProvider()];
  admin = await identity.loggedIn('admin');
  await setReturns(admin);
  providerId = await newProvider(admin, { issuer: provider.issuer, domains: ['school.example'] });
});
afterEach(() => {
  provider.forgery = {};
});
afterAll(async () => {
  await identity.stop();
  await provider.stop();
});

const now = () => Math.floor(Date.now() / 1_000);
const verified = (email: string, sub: string = email) => ({ sub, email, email_verified: true });

/** What somebody comes back with whom the provider names so. */
function signOnAs(claims: Record<string, unknown>, more: Forgery = {}) {
  provider.forgery = { ...more, claims: { ...more.claims, ...claims } };
  return signOn(identity, providerId);
}

test('what is right logs in', async () => {
  expect(await signOnAs(verified('right@school.example'))).toEqual({ code: expect.any(String) });
});

describe('an ID token is refused', () => {
  test.each<[string, () => Forgery]>([
    ['for another audience', () => ({ claims: { aud: 'another' } })],
    [
      'for another audience beside, without saying to whom it was given',
      () => ({ claims: { aud: ['lyceum', 'another'] } }),
    ],
    ['of another issuer', () => ({ claims: { iss: 'https://evil.example' } })],
    ['with a signature of a key that is not published', () => ({ otherKey: true })],
    ['with another nonce', () => ({ claims: { nonce: 'of another login' } })],
    ['without a nonce', () => ({ claims: { nonce: undefined } })],
    ['that has expired', () => ({ claims: { iat: now() - 3_600, exp: now() - 3_000 } })],
    ['without an end', () => ({ claims: { exp: undefined } })],
    ['without a subject', () => ({ claims: { sub: undefined } })],
    ['where the answer is of another issuer', () => ({ answer: { iss: 'https://evil.example' } })],
  ])('%s', async (what, forgery) => {
    const { claims, ...more } = forgery();
    const person = verified(`${what.length}@school.example`);
    expect(await signOnAs({ ...person, ...claims }, more)).toEqual({ error: 'sign_on_failed' });
  });
});

test('a code goes to the provider with the secret and the verifier of its challenge', async () => {
  const browser = browserOf(identity);
  const sent = await browser.get(startUrl(providerId));
  const challenge = new URL(sent.headers.get('location')!).searchParams.get('code_challenge');
  provider.forgery = { claims: verified('pkce@school.example') };
  await walk(browser, sent.headers.get('location')!);
  const form = provider.exchanged.at(-1)!;
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(form.get('code_verifier')!));
  expect(Buffer.from(digest).toString('base64url')).toBe(challenge);
});

test('the answer of a provider that refuses is told as that', async () => {
  provider.forgery = { answer: { error: 'access_denied' } };
  expect(await signOn(identity, providerId)).toEqual({ error: 'provider_refused' });
});

test('a state that nobody gave, or no longer does, sends a browser nowhere', async () => {
  const browser = browserOf(identity);
  expect(await walk(browser, 'http://localhost:4000/sso/callback?state=made-up&code=1')).toEqual({
    status: 400,
  });
  expect(await walk(browser, 'http://localhost:4000/sso/callback?state=a&state=b&code=1')).toEqual({
    status: 400,
  });
});

test('a configuration that names another issuer is not taken', async () => {
  const other = await startForgingProvider();
  other.forgery = { metadata: { issuer: 'https://evil.example' } };
  const id = await newProvider(admin, { issuer: other.issuer });
  expect(await signOn(identity, id)).toEqual({ status: 502 });
  await other.stop();
});

test('a configuration is not asked for at each login', async () => {
  const before = provider.discoveries;
  for (const each of [1, 2, 3]) await signOnAs(verified(`often-${each}@school.example`));
  expect(provider.discoveries - before).toBeLessThanOrEqual(1);
});

test.each([
  ['is said not to be verified', { email_verified: false }, 'email_unverified'],
  ['is said to be verified by a text', { email_verified: 'true' }, 'email_unverified'],
  ['is not said to be verified', { email_verified: undefined }, 'email_unverified'],
  ['is none', { email: 'ada' }, 'email_unverified'],
  ['is in a domain below', { email: 'ada@mail.school.example' }, 'domain_not_allowed'],
  ['ends alike', { email: 'ada@school.example.evil.example' }, 'domain_not_allowed'],
])('nobody comes in whose address %s', async (_what, claims, error) => {
  expect(await signOnAs({ ...verified('new@school.example'), ...claims })).toEqual({ error });
});

test('what was refused stands in the audit log with its reason', async () => {
  await signOnAs({ ...verified('audited@school.example'), email_verified: false });
  const { data } = await admin<{ auditEvents: { nodes: object[] } }>(
    '{ auditEvents(first: 1) { nodes { act outcome reason subjectId } } }',
  );
  expect(data.auditEvents.nodes).toEqual([
    { act: 'session.create', outcome: 'REFUSED', reason: 'EMAIL_UNVERIFIED', subjectId: providerId },
  ]);
});

interface Person {
  readonly id: string;
  readonly email: string;
  readonly ask: GraphQLClient;
}

let people = 0;

/** Somebody whom an administrator added, with a password. */
async function memberWithPassword(): Promise<Person> {
  const email = `member-${(people += 1)}@school.example`;
  const { data } = await admin<{ userCreate: { user: { id: string } } }>(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } userErrors { code } } }',
    { input: { name: 'Somebody', email, password: 'lyceum-demo', roles: ['LEARNER'] } },
  );
  const { accessToken } = await logIn(graphqlClient(identity.url), email);
  return { id: data.userCreate.user.id, email, ask: graphqlClient(identity.url, accessToken) };
}

/** The code with which somebody adds the provider, once their browser was there. */
async function linkCode({ ask }: Person, claims: Record<string, unknown>): Promise<string | undefined> {
  provider.forgery = { claims };
  const { startUrl: url } = await beginLink(ask, { providerId });
  return (await walk(browserOf(identity), url!)).link;
}

describe('an account that is there', () => {
  test('is not taken for whom the provider names with its address, until its owner adds the provider', async () => {
    const person = await memberWithPassword();
    const claims = verified(person.email);
    expect(await signOnAs(claims)).toEqual({ error: 'link_needed' });
    const { provider: linked } = await finishLink(person.ask, await linkCode(person, claims));
    expect(linked).toMatchObject({ id: providerId });
    const { tokens } = await exchange(identity, (await signOnAs(claims)).code);
    expect(decodeJwt(tokens!.accessToken).sub).toBe(person.id);
  });

  test('is not linked by a start URL that somebody else is sent', async () => {
    const [attacker, victim] = [await memberWithPassword(), await memberWithPassword()];
    const code = await linkCode(attacker, verified(victim.email));
    expect((await finishLink(victim.ask, code)).userErrors).toEqual(codeRefused);
    expect(await signOnAs(verified(victim.email))).toEqual({ error: 'link_needed' });
  });

  test('is linked by who has its password, with a code that is good once and for nothing else', async () => {
    const person = await memberWithPassword();
    const wrong = await beginLink(person.ask, { providerId, currentPassword: 'not the password' });
    expect(wrong.userErrors).toEqual([{ field: ['input', 'currentPassword'], code: 'CREDENTIALS_REFUSED' }]);
    const code = await linkCode(person, verified(person.email));
    expect((await exchange(identity, code)).userErrors).toEqual(codeRefused);
    expect((await finishLink(person.ask, code)).userErrors).toEqual([]);
    expect((await finishLink(person.ask, code)).userErrors).toEqual(codeRefused);
  });

  test('begins once with a start URL, by the provider that it was made for, back to an address that is registered', async () => {
    const person = await memberWithPassword();
    const { startUrl: url } = await beginLink(person.ask, { providerId });
    provider.forgery = { claims: verified(person.email) };
    expect(await walk(browserOf(identity), url!)).toEqual({ link: expect.any(String) });
    expect(await walk(browserOf(identity), url!)).toEqual({ status: 400 });
    const elsewhere = await beginLink(person.ask, { providerId, returnTo: 'https://evil.example/' });
    expect(elsewhere.userErrors).toEqual([{ field: ['input', 'returnTo'], code: 'INVALID' }]);
  });

  test('is linked to one subject, and a subject to one account', async () => {
    const [one, other] = [await memberWithPassword(), await memberWithPassword()];
    const claims = verified(one.email);
    await finishLink(one.ask, await linkCode(one, claims));
    const taken = await finishLink(other.ask, await linkCode(other, claims));
    expect(taken.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    const second = await finishLink(one.ask, await linkCode(one, verified('second@school.example')));
    expect(second.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  });

  test('opens nothing once its owner was taken out of the organisation', async () => {
    const claims = verified('leaver@school.example');
    const [{ code: early }, { code: late }] = [await signOnAs(claims), await signOnAs(claims)];
    const { tokens } = await exchange(identity, early);
    await admin('mutation ($id: ID!) { membershipRemove(input: { userId: $id }) { userErrors { code } } }', {
      id: decodeJwt(tokens!.accessToken).sub,
    });
    expect((await exchange(identity, late)).userErrors).toEqual(codeRefused);
    expect(await signOnAs(claims)).toEqual({ error: 'membership_ended' });
  });
});

describe('a second factor', () => {
  test('is asked for after a provider that asked for none, and the session says both', async () => {
    const person = await memberWithPassword();
    const claims = verified(person.email);
    await finishLink(person.ask, await linkCode(person, claims));
    const { secret } = await setUpTotp(person.ask, 'lyceum-demo');
    const { tokens, challenge } = await exchange(identity, (await signOnAs(claims)).code);
    expect([tokens, challenge]).toMatchObject([
      null,
      { kind: 'SECOND_FACTOR', methods: ['TOTP', 'RECOVERY_CODE'] },
    ]);
    const answered = await answer(graphqlClient(identity.url), challenge!.token, { totp: codeOf(secret, 1) });
    expect(decodeJwt(answered.tokens!.accessToken)['amr']).toEqual(['fed', 'otp', 'mfa']);
  });

  test('that the provider asked for is enough', async () => {
    const { code } = await signOnAs({ ...verified('careful@school.example'), amr: ['pwd', 'otp', 'mfa'] });
    const { tokens } = await exchange(identity, code);
    expect(decodeJwt(tokens!.accessToken)['amr']).toEqual(['fed', 'mfa']);
  });

  test('that the organisation requires is set up by who has no password', async () => {
    const require = (required: boolean) =>
      admin(
        'mutation ($required: Boolean!) { secondFactorPolicyUpdate(input: { required: $required }) { userErrors { code } } }',
        { required },
      );
    const { code } = await signOnAs(verified('required@school.example'));
    await require(true);
    const { tokens, challenge } = await exchange(identity, code);
    await require(false);
    expect([tokens, challenge?.kind]).toEqual([null, 'ENROLMENT']);
    const visitor = graphqlClient(identity.url);
    const { data } = await visitor<{ sessionChallengeEnrol: { enrolment: { secret: string } } }>(
      'mutation ($token: String!) { sessionChallengeEnrol(input: { challenge: $token }) { enrolment { secret } } }',
      { token: challenge!.token },
    );
    const { secret } = data.sessionChallengeEnrol.enrolment;
    const answered = await answer(visitor, challenge!.token, { totp: codeOf(secret) });
    expect(answered.userErrors).toEqual([]);
  });
});
