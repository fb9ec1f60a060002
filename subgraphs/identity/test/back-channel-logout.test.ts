import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { DomainEventOf } from '@lyceum/events';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { startForgingProvider, type ForgingProvider, type LogoutForgery } from './kit/forging-provider.ts';
import { logIn, runIdentity, setPassword, type RunningIdentity, type Tokens } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';
import { startRealProvider, type RealProvider } from './kit/real-provider.ts';
import { answer, codeOf, setUpTotp } from './kit/second-factor.ts';
import {
  browserOf,
  codeRefused,
  exchange,
  goesOn,
  newProvider,
  setReturns,
  signOn,
  startUrl,
  updateProvider,
  walk,
} from './kit/single-sign-on.ts';

// OpenID Connect Back-Channel Logout 1.0: what a provider says of who logged out, and what it may not say.

let identity: RunningIdentity;
let forging: ForgingProvider;
let real: RealProvider;
let admin: GraphQLClient;
let providerId: string;
let people = 0;

beforeAll(async () => {
  for (const level of ['info', 'warn'] as const) jest.spyOn(console, level).mockReturnValue();
  identity = await runIdentity({ REFRESH_LEEWAY_SECONDS: '60' });
  [forging, real] = [await startForgingProvider(), await startRealProvider()];
  admin = await identity.loggedIn('admin');
  await setReturns(admin);
  providerId = await newProvider(admin, { issuer: forging.issuer, domains: ['school.example'] });
});
afterEach(() => {
  forging.forgery = {};
});
afterAll(async () => {
  await identity.stop();
  await Promise.all([forging.stop(), real.stop()]);
});

const newSubject = () => `subject-${(people += 1)}`;

/** The code that somebody comes back with. */
async function codeFor(subject: string, sid?: string, provider = providerId): Promise<string | undefined> {
  const email = `${subject}@school.example`;
  forging.forgery = { claims: { sub: subject, email, email_verified: true, sid } };
  return (await signOn(identity, provider)).code;
}

async function loggedIn(subject: string, sid?: string, provider = providerId): Promise<Tokens> {
  return (await exchange(identity, await codeFor(subject, sid, provider))).tokens!;
}

const logoutUrl = (id: string) => `${identity.url}/sso/backchannel-logout/${id}`;

function post(token: string | undefined, id = providerId): Promise<Response> {
  const body = new URLSearchParams(token === undefined ? {} : { logout_token: token });
  return fetch(logoutUrl(id), { method: 'POST', body });
}

async function logOut(claims: Record<string, unknown>, id = providerId): Promise<number> {
  return (await post(await forging.logoutToken(claims), id)).status;
}

describe('a provider that says that somebody logged out', () => {
  test('that others wrote ends the session here that it began, as its own session ends', async () => {
    const id = await newProvider(admin, { issuer: real.issuer, domains: ['school.example'] });
    const told = await real.tellLogouts(logoutUrl(id));
    const email = 'real@school.example';
    real.person = { sub: 'real', email, email_verified: true };
    const [browser, another] = [browserOf(identity), browserOf(identity)];
    const { tokens } = await exchange(identity, (await walk(browser, startUrl(id))).code);
    const elsewhere = await exchange(identity, (await walk(another, startUrl(id))).code);
    const page = await (await browser.get(`${real.issuer}/session/end`)).text();
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(page) ?? [];
    await browser.post(`${real.issuer}/session/end/confirm`, { xsrf, logout: 'yes' });
    expect(told).toEqual(['success']);
    expect(await goesOn(identity, tokens!)).toBe(false);
    // The session at the provider was that browser's alone.
    expect(await goesOn(identity, elsewhere.tokens!)).toBe(true);
  });

  test('by the subject ends all sessions that it began for them, and no other', async () => {
    const [subject, other] = [newSubject(), newSubject()];
    const [one, two] = [await loggedIn(subject, 's-1'), await loggedIn(subject)];
    const stays = await loggedIn(other);
    expect(await logOut({ sub: subject })).toBe(200);
    expect([await goesOn(identity, one), await goesOn(identity, two)]).toEqual([false, false]);
    expect(await goesOn(identity, stays)).toBe(true);
  });

  test('by the session ends that one alone, also with the subject', async () => {
    const subject = newSubject();
    const [one, two] = [await loggedIn(subject, 'sid-one'), await loggedIn(subject, 'sid-two')];
    const three = await loggedIn(subject, 'sid-three');
    expect(await logOut({ sid: 'sid-one' })).toBe(200);
    expect(await logOut({ sub: subject, sid: 'sid-two' })).toBe(200);
    expect(await logOut({ sub: newSubject(), sid: 'sid-three' })).toBe(200);
    expect([await goesOn(identity, one), await goesOn(identity, two)]).toEqual([false, false]);
    expect(await goesOn(identity, three)).toBe(true);
  });

  test('ends no session that another provider or a password began', async () => {
    const other = await newProvider(admin, { issuer: forging.issuer, domains: ['other.example'] });
    const subject = newSubject();
    const stays = await loggedIn(subject, 'shared');
    const withPassword = await logIn(graphqlClient(identity.url), 'learner@lyceum.example');
    expect(await logOut({ sub: subject, sid: 'shared' }, other)).toBe(200);
    expect(await logOut({ sid: 'shared' }, other)).toBe(200);
    expect(await logOut({ sub: decodeJwt(withPassword.accessToken).sub })).toBe(200);
    expect([await goesOn(identity, stays), await goesOn(identity, withPassword)]).toEqual([true, true]);
  });

  test('is answered in a way that nothing keeps, and the log is told', async () => {
    const subject = newSubject();
    const { accessToken } = await loggedIn(subject);
    const response = await post(await forging.logoutToken({ sub: subject }));
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const { sid } = decodeJwt(accessToken);
    await publishedEvents(identity, (events) => {
      const ended = events.filter(({ type }) => type === 'session.ended') as DomainEventOf<'session.ended'>[];
      expect(ended.map(({ data }) => data.session.id)).toContain(sid);
    });
    const { data } = await admin<{ auditEvents: { nodes: object[] } }>(
      '{ auditEvents(first: 1) { nodes { act outcome subjectId } } }',
    );
    const subjectId = decodeJwt(accessToken).sub;
    expect(data.auditEvents.nodes).toEqual([
      { act: 'federated-identity.log-out', outcome: 'DONE', subjectId },
    ]);
  });

  test('ends what is under way: a code, and a login that awaits a second factor', async () => {
    const subject = newSubject();
    const { accessToken } = await loggedIn(subject);
    const password = 'a password of somebody';
    await setPassword(identity, decodeJwt(accessToken).sub!, password);
    const { secret } = await setUpTotp(graphqlClient(identity.url, accessToken), password);
    const { challenge } = await exchange(identity, await codeFor(subject, 'awaits'));
    const code = await codeFor(subject, 'on-its-way');
    expect([await logOut({ sid: 'on-its-way' }), await logOut({ sid: 'awaits' })]).toEqual([200, 200]);
    expect((await exchange(identity, code)).userErrors).toEqual(codeRefused);
    const answered = await answer(graphqlClient(identity.url), challenge!.token, { totp: codeOf(secret, 1) });
    expect(answered.userErrors).toMatchObject([{ code: 'CHALLENGE_ENDED' }]);
  });

  test('has a token taken once, of several at once too', async () => {
    const token = await forging.logoutToken({ sub: newSubject() });
    const statuses = await Promise.all([post(token), post(token), post(token)]);
    expect(statuses.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  });
});

describe('a logout token is refused', () => {
  const now = () => Math.floor(Date.now() / 1_000);

  test.each<[string, Record<string, unknown>]>([
    ['with a signature of a key that is not published', { otherKey: true }],
    ['that is signed with the secret of the client', { secret: 'a secret' }],
    ['of another type', { type: 'at+jwt' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another audience', { aud: 'another' }],
    ['for others beside', { aud: ['lyceum', 'another'] }],
    ['without a time', { iat: undefined }],
    ['of the future', { iat: now() + 600, exp: now() + 900 }],
    ['that has expired', { iat: now() - 600, exp: now() - 300 }],
    ['that is old, whenever it ends', { iat: now() - 7_200, exp: now() + 7_200 }],
    ['without an end', { exp: undefined }],
    ['without the event', { events: { 'https://example.org/other': {} } }],
    ['without events', { events: undefined }],
    [
      'with an event that is no object',
      { events: { 'http://schemas.openid.net/event/backchannel-logout': 1 } },
    ],
    ['with a nonce', { nonce: 'n' }],
    ['without an id', { jti: undefined }],
    ['with an id that is no text', { jti: 7 }],
    ['that names nobody', { sub: undefined }],
    ['with a session that is no text', { sid: 7 }],
  ])('%s', async (_what, { otherKey, secret, type, ...claims }) => {
    const signed = { otherKey, secret, type } as LogoutForgery;
    const subject = newSubject();
    const stays = await loggedIn(subject);
    const response = await post(await forging.logoutToken({ sub: subject, ...claims }, signed));
    expect([response.status, response.headers.get('cache-control')]).toEqual([400, 'no-store']);
    expect(await goesOn(identity, stays)).toBe(true);
  });

  test('that is not signed at all', async () => {
    const signed = await forging.logoutToken({ sub: newSubject() });
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    expect((await post(`${header}.${signed.split('.')[1]!}.`)).status).toBe(400);
  });

  test('where there is none, or no such provider, or one that is disabled', async () => {
    expect((await post(undefined)).status).toBe(400);
    const right = await forging.logoutToken({ sub: newSubject() });
    expect((await post(right, 'idp_unknown')).status).toBe(400);
    const id = await newProvider(admin, { issuer: forging.issuer, enabled: false });
    expect((await post(right, id)).status).toBe(400);
    const json = { 'content-type': 'application/json' };
    const response = await fetch(logoutUrl(providerId), { method: 'POST', headers: json, body: '{}' });
    expect([response.status, response.headers.get('cache-control')]).toEqual([400, 'no-store']);
  });
});

describe('a provider that is', () => {
  const remove = (id: string) =>
    admin('mutation ($id: ID!) { identityProviderDelete(input: { id: $id }) { userErrors { code } } }', {
      id,
    });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['disabled', (id) => updateProvider(admin, { id, enabled: false })],
    ['deleted', remove],
  ])('%s ends the sessions that it began, and what is under way', async (_what, end) => {
    const id = await newProvider(admin, { issuer: forging.issuer, domains: ['school.example'] });
    const [subject, other] = [newSubject(), newSubject()];
    const tokens = await loggedIn(subject, undefined, id);
    const code = await codeFor(subject, undefined, id);
    const stays = await loggedIn(other);
    await end(id);
    expect(await goesOn(identity, tokens)).toBe(false);
    expect((await exchange(identity, code)).userErrors).toEqual(codeRefused);
    expect(await goesOn(identity, stays)).toBe(true);
    const { sid } = decodeJwt(tokens.accessToken);
    await publishedEvents(identity, (events) => {
      const ended = events.filter(({ type }) => type === 'session.ended') as DomainEventOf<'session.ended'>[];
      expect(ended.map(({ data }) => data.session.id)).toContain(sid);
    });
  });

  test('disabled completes no login that awaits a second factor', async () => {
    const id = await newProvider(admin, { issuer: forging.issuer, domains: ['school.example'] });
    const subject = newSubject();
    const { accessToken } = await loggedIn(subject, undefined, id);
    const { sub: userId } = decodeJwt(accessToken);
    const password = 'a password of somebody';
    await setPassword(identity, userId!, password);
    const { secret } = await setUpTotp(graphqlClient(identity.url, accessToken), password);
    const { challenge } = await exchange(identity, await codeFor(subject, undefined, id));
    await updateProvider(admin, { id, enabled: false });
    const answered = await answer(graphqlClient(identity.url), challenge!.token, { totp: codeOf(secret, 1) });
    expect(answered.userErrors).toMatchObject([{ code: 'CHALLENGE_ENDED' }]);
  });
});
