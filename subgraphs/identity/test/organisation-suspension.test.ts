import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { accept } from './kit/account-flows.ts';
import { act } from './kit/acting.ts';
import { logIn, runIdentity, tryLogIn, type RunningIdentity } from './kit/identity.ts';
import { newestMail, tokenIn } from './kit/mailbox.ts';
import { publishedEvents } from './kit/published-events.ts';
import { sql } from './kit/sql.ts';
import { askForToken, exchangeOf } from './kit/token-endpoint.ts';
import { newAddress, onPlatform, shown, type Platform, type Shown } from './kit/platform.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let platform: GraphQLClient;
let school: Platform['school'];

beforeAll(async () => {
  identity = await runIdentity({ REFRESH_LEEWAY_SECONDS: '0' });
  ({ visitor, platform, school } = await onPlatform(identity));
});
afterAll(() => identity.stop());

describe('an organisation that is suspended', () => {
  const programs = `mutation ($expiresAt: DateTime!) {
    apiClientCreate(input: { name: "A program", permissions: ["user.list"] }) { apiClient { id } secret }
    personalAccessTokenCreate(input: { name: "A script", permissions: ["user.list"], expiresAt: $expiresAt }) { secret }
  }`;
  interface Programs {
    apiClientCreate: { apiClient: { id: string }; secret: string };
    personalAccessTokenCreate: { secret: string };
  }

  const suspend = (id: string) => act<Shown>(platform, 'organisationSuspend', { id }, shown);
  const reinstate = (id: string) => act<Shown>(platform, 'organisationReinstate', { id }, shown);

  const refreshed = async (refreshToken: string) => {
    const { data } = await visitor<{ sessionRefresh: { userErrors: { code: string }[] } }>(
      'mutation ($token: String!) { sessionRefresh(input: { refreshToken: $token }) { userErrors { code } } }',
      { token: refreshToken },
    );
    return data.sessionRefresh.userErrors[0]?.code ?? 'refreshed';
  };

  test('opens nothing; reinstated its programs go on, and its people log in anew', async () => {
    const { id, slug, email, password, tokens, head } = await school();
    const { data } = await head<Programs>(programs, {
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const { apiClient, secret } = data.apiClientCreate;
    const client = { grant_type: 'client_credentials', client_id: apiClient.id, client_secret: secret };
    const personal = exchangeOf(data.personalAccessTokenCreate.secret);
    const statuses = async () => [
      (await askForToken(identity, client)).status,
      (await askForToken(identity, personal)).status,
    ];
    expect(await statuses()).toEqual([200, 200]);

    expect((await suspend(id)).organisation.state).toBe('SUSPENDED');
    expect((await suspend(id)).organisation.state).toBe('SUSPENDED');
    const refused = { tokens: null, userErrors: [{ code: 'CREDENTIALS_REFUSED' }] };
    expect(await tryLogIn(visitor, { email, password })).toMatchObject(refused);
    expect(await tryLogIn(visitor, { email, password, organisation: slug })).toMatchObject(refused);
    expect(await refreshed(tokens.refreshToken)).toBe('SESSION_ENDED');
    expect(await statuses()).toEqual([401, 400]);
    // The access token of before, which gateways refuse, administers nothing at the subgraph.
    await expect(act(head, 'groupCreate', { name: 'Mine' }, 'group { id }')).rejects.toThrow('group.create');

    expect((await reinstate(id)).organisation.state).toBe('ACTIVE');
    expect((await reinstate(id)).organisation.state).toBe('ACTIVE');
    expect(await statuses()).toEqual([200, 200]);
    expect(await refreshed(tokens.refreshToken)).toBe('SESSION_ENDED');
    const again = await logIn(visitor, email, password);
    expect(await refreshed(again.refreshToken)).toBe('refreshed');
    const anew = graphqlClient(identity.url, again.accessToken);
    expect((await anew('{ viewer { sessions { totalCount } } }')).data).toEqual({
      viewer: { sessions: { totalCount: 1 } },
    });
    const acts = await anew<{ auditEvents: { nodes: { act: string }[] } }>(
      '{ auditEvents(first: 20) { nodes { act } } }',
    );
    expect(acts.data.auditEvents.nodes.map(({ act: name }) => name)).toEqual(
      expect.arrayContaining(['organisation.suspend', 'organisation.reinstate']),
    );
  });

  test('is told of once, not once a session', async () => {
    const { id, email, password } = await school();
    for (let login = 0; login < 3; login += 1) await logIn(visitor, email, password);
    await suspend(id);
    await reinstate(id);
    await publishedEvents(identity, (events) => {
      const told = events.filter(
        ({ organisation, type }) => organisation === id && /suspended|reinstated|ended/.test(type),
      );
      expect(told.map(({ type, data }) => [type, (data as Shown).organisation.state])).toEqual([
        ['organisation.suspended', 'SUSPENDED'],
        ['organisation.reinstated', 'ACTIVE'],
      ]);
    });
  });

  test('takes nobody in: by registration, by invitation, or by a link from before', async () => {
    const { id, slug, head } = await school();
    const guest = newAddress();
    await act(head, 'registrationUpdate', { mode: 'OPEN' }, 'organisation { id }');
    await act(head, 'invitationCreate', { email: guest }, 'invitation { id }');
    const token = tokenIn(await newestMail(identity, guest));
    await suspend(id);
    const applicant = { organisation: slug, name: 'A', email: newAddress(), password: 'their own words' };
    expect(await act(visitor, 'userRegister', applicant, 'email')).toMatchObject({
      userErrors: [{ code: 'REGISTRATION_REFUSED' }],
    });
    expect(await accept(visitor, token, 'Guest', 'their own words')).toMatchObject({
      userErrors: [{ code: 'TOKEN_REFUSED' }],
    });
    await reinstate(id);
    expect(await accept(visitor, token, 'Guest', 'their own words')).toMatchObject({ userErrors: [] });
  });

  test('is never the platform’s, and one that is not there is NOT_FOUND', async () => {
    const { data } = await platform<{ viewer: { organisation: { id: string } } }>(
      '{ viewer { organisation { id } } }',
    );
    expect(await suspend(data.viewer.organisation.id)).toMatchObject({ userErrors: [{ code: 'CONFLICT' }] });
    for (const change of [suspend, reinstate])
      expect(await change(newId('org'))).toMatchObject({
        userErrors: [{ code: 'NOT_FOUND', field: ['input', 'id'] }],
      });
  });

  test('is refused at once to who stood above it, with the token of before', async () => {
    const { id } = await school();
    const email = newAddress();
    const input = { name: 'Former', email, password: 'lyceum-demo', roles: ['PLATFORM_ADMIN'] };
    const { user } = await act<{ user: { id: string } }>(platform, 'userCreate', input, 'user { id }');
    const former = graphqlClient(identity.url, (await logIn(visitor, email)).accessToken);
    await act(platform, 'membershipUpdate', { userId: user.id, roles: ['LEARNER'] }, 'user { id }');
    await expect(act(former, 'organisationSuspend', { id }, shown)).rejects.toThrow('organisation.suspend');
    const [row] = await sql<{ suspended: boolean }>(
      identity.databaseUrl,
      'SELECT suspended_at IS NOT NULL AS suspended FROM organisation WHERE id = $1',
      [id],
    );
    expect(row!.suspended).toBe(false);
  });
});
