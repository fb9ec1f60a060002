import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { runIdentity, type RunningIdentity } from './kit/identity.ts';
import { startRealProvider, type Account, type RealProvider } from './kit/real-provider.ts';
import {
  browserOf,
  codeRefused,
  createProvider,
  exchange,
  newProvider,
  setReturns,
  signOn,
  startUrl,
  updateProvider,
  walk,
} from './kit/single-sign-on.ts';

// Against a provider that others wrote. What a wrong one may try is in single-sign-on-forgeries.test.ts.

let identity: RunningIdentity;
let provider: RealProvider;
let admin: GraphQLClient;
let providerId: string;

beforeAll(async () => {
  // It tells what it would do otherwise in production.
  for (const level of ['info', 'warn'] as const) jest.spyOn(console, level).mockReturnValue();
  [identity, provider] = [await runIdentity(), await startRealProvider()];
  admin = await identity.loggedIn('admin');
  await setReturns(admin);
  providerId = await newProvider(admin, {
    issuer: provider.issuer,
    domains: ['school.example'],
    roleClaim: 'groups',
    roleMapping: [{ value: 'teachers', role: 'INSTRUCTOR' }],
  });
});
afterAll(async () => {
  await identity.stop();
  await provider.stop();
});

let people = 0;

/** Somebody new sits before the browser. */
function somebody(more: Partial<Account> = {}): Account {
  people += 1;
  const account = { sub: `sub-${people}`, email: `Pupil-${people}@School.example`, email_verified: true };
  provider.person = { ...account, name: 'Ada of the School', ...more };
  return provider.person;
}

async function viewerOf(code: string | undefined) {
  const { tokens } = await exchange(identity, code);
  const { data } = await graphqlClient(
    identity.url,
    tokens?.accessToken,
  )<{
    viewer: { roles: string[]; user: { id: string; name: string; email: string } };
  }>('{ viewer { roles user { id name email } } }');
  return data.viewer;
}

describe('a login by a provider', () => {
  test('makes an account at the first time, and finds it at the second, by the subject', async () => {
    const { sub } = somebody();
    const first = await viewerOf((await signOn(identity, providerId)).code);
    expect(first).toMatchObject({
      roles: ['LEARNER'],
      user: { name: 'Ada of the School', email: `pupil-${people}@school.example` },
    });
    provider.person = { sub, email: 'renamed@elsewhere.example', email_verified: false };
    const second = await viewerOf((await signOn(identity, providerId)).code);
    expect(second.user).toEqual(first.user);
  });

  test('tells in the token how it was made', async () => {
    somebody();
    const { tokens } = await exchange(identity, (await signOn(identity, providerId)).code);
    expect(decodeJwt(tokens!.accessToken)['amr']).toEqual(['fed']);
  });

  test('gives the roles that the claim says, beside the default ones', async () => {
    somebody({ groups: ['pupils', 'teachers'] });
    const { roles } = await viewerOf((await signOn(identity, providerId)).code);
    expect(roles).toEqual(['LEARNER', 'INSTRUCTOR']);
  });

  test('stands in the audit log: the account, and the session', async () => {
    somebody();
    const { user } = await viewerOf((await signOn(identity, providerId)).code);
    const { data } = await admin<{ auditEvents: { nodes: { act: string; subjectId: string }[] } }>(
      '{ auditEvents(first: 2) { nodes { act subjectId outcome } } }',
    );
    expect(data.auditEvents.nodes).toMatchObject([
      { act: 'session.create', outcome: 'DONE' },
      { act: 'user.register', subjectId: user.id, outcome: 'DONE' },
    ]);
  });

  test('is not taken where the address is not verified, or is in no domain of the provider', async () => {
    somebody({ email_verified: false });
    expect(await signOn(identity, providerId)).toEqual({ error: 'email_unverified' });
    somebody({ email: 'ada@evil-school.example' });
    expect(await signOn(identity, providerId)).toEqual({ error: 'domain_not_allowed' });
  });

  test('gives a code that is good once', async () => {
    somebody();
    const { code } = await signOn(identity, providerId);
    expect((await exchange(identity, code)).userErrors).toEqual([]);
    expect((await exchange(identity, code)).userErrors).toEqual(codeRefused);
  });
});

describe('a browser', () => {
  test('is sent nowhere from a return address that is not registered, letter by letter', async () => {
    for (const to of [
      'https://evil.example/',
      'https://app.example.org/signed-on',
      'https://app.example.org/signed-on?from=lyceum&',
      'https://APP.example.org/signed-on?from=lyceum',
    ])
      expect(await walk(browserOf(identity), startUrl(providerId, to))).toEqual({ status: 400 });
  });

  test('that did not begin the login does not end it, and does not spoil it for the one that did', async () => {
    somebody();
    const browser = browserOf(identity);
    const callback = (url: string) => url.startsWith('http://localhost:4000/sso/callback');
    const { url } = await browser.follow(startUrl(providerId), callback);
    expect(await walk(browserOf(identity), url)).toEqual({ status: 400 });
    expect(await walk(browser, url)).toEqual({ code: expect.any(String) });
    expect(await walk(browser, url)).toEqual({ status: 400 });
  });

  test('keeps a cookie that no script reads and that nothing caches', async () => {
    const response = await browserOf(identity).get(startUrl(providerId));
    expect(response.headers.get('set-cookie')).toMatch(
      /^lyceum-sso-[0-9a-f]{16}=lyb_\w{49}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    const sent = new URL(response.headers.get('location')!).searchParams;
    expect(sent.get('code_challenge_method')).toBe('S256');
  });
});

describe('a provider', () => {
  test('that is disabled logs nobody in, also who is on the way', async () => {
    const id = await newProvider(admin, { issuer: provider.issuer, domains: ['school.example'] });
    somebody();
    const browser = browserOf(identity);
    const { url } = await browser.follow(startUrl(id), (next) => next.includes('/sso/callback'));
    const { code } = await signOn(identity, id);
    await updateProvider(admin, { id, enabled: false });
    expect(await walk(browser, url)).toEqual({ error: 'sign_on_failed' });
    expect((await exchange(identity, code)).userErrors).toEqual(codeRefused);
    expect(await signOn(identity, id)).toEqual({ status: 400 });
  });

  test("of another organisation sends nobody to this one's return address", async () => {
    const other = await identity.organisation('other-school');
    const id = await newProvider(other.admin, { issuer: provider.issuer, domains: ['school.example'] });
    expect(await signOn(identity, id)).toEqual({ status: 400 });
  });

  test('is listed for everybody by name, and its secret is shown to nobody', async () => {
    const { data } = await graphqlClient(identity.url)<{ signOn: object[] }>(
      '{ signOn(organisation: "demo") { id name startUrl } }',
    );
    expect(data.signOn).toEqual([
      { id: providerId, name: 'The school', startUrl: `http://localhost:4000/sso/${providerId}/start` },
    ]);
    const nowhere = await graphqlClient(identity.url)<object>('{ signOn(organisation: "none") { id } }');
    expect(nowhere.data).toEqual({ signOn: [] });
    const listed = await admin<object>(
      '{ identityProviders { nodes { id issuer clientId roleMapping { value role } redirectUri } totalCount } }',
    );
    expect(listed.data).toMatchObject({ identityProviders: { totalCount: 2 } });
    expect(JSON.stringify(listed.data)).not.toContain('a secret');
  });

  test('gives nobody what whoever adds or changes it lacks', async () => {
    const made = await admin<{ apiClientCreate: { apiClient: { id: string }; secret: string } }>(
      `mutation {
        apiClientCreate(
          input: { name: "Sets providers up", permissions: ["LEARNER", "identity-provider.create", "identity-provider.update"] }
        ) { apiClient { id } secret }
      }`,
    );
    const { apiClient, secret } = made.data.apiClientCreate;
    const form = {
      grant_type: 'client_credentials',
      client_id: apiClient.id,
      client_secret: secret,
    };
    const answer = await fetch(`${identity.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const program = graphqlClient(identity.url, token);
    const input = { issuer: provider.issuer };
    const forbidden = [{ extensions: { code: 'FORBIDDEN' } }];
    const mapping = [{ value: 'boss', role: 'ADMIN' }];
    expect((await createProvider(program, { ...input, roleMapping: mapping })).errors).toMatchObject(
      forbidden,
    );
    expect((await createProvider(program, { ...input, defaultRoles: ['ADMIN'] })).errors).toMatchObject(
      forbidden,
    );
    // One that could give more before, whatever it shall give.
    const changed = await updateProvider(program, { id: providerId, roleMapping: [] });
    expect(changed.errors).toMatchObject(forbidden);
    expect((await createProvider(program, { ...input, name: 'Fits', enabled: false })).userErrors).toEqual(
      [],
    );
  });

  test.each([
    ['an issuer without TLS', { issuer: 'http://login.example.org' }, 'issuer'],
    ['an issuer with a query', { issuer: 'https://login.example.org/?tenant=1' }, 'issuer'],
    ['an issuer with credentials', { issuer: 'https://me:secret@login.example.org' }, 'issuer'],
    ['no name', { name: ' ' }, 'name'],
    ['what is no domain', { domains: ['school'] }, 'domains'],
    ['no role', { defaultRoles: [] }, 'defaultRoles'],
    ['an empty secret', { clientSecret: '' }, 'clientSecret'],
  ])('is not added with %s', async (_what, input, field) => {
    const { userErrors } = await createProvider(admin, { issuer: 'https://login.example.org', ...input });
    expect(userErrors).toEqual([{ field: ['input', field], code: 'INVALID' }]);
  });

  test('has no return address without TLS, or with a fragment', async () => {
    for (const address of ['http://app.example.org/', 'https://app.example.org/#here'])
      expect((await setReturns(admin, [address])).userErrors).toEqual([
        { field: ['input', 'returns'], code: 'INVALID' },
      ]);
  });
});
