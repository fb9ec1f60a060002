import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { accept } from './kit/account-flows.ts';
import { contrastOf, textColourOn } from '../src/domain/branding.ts';
import { act } from './kit/acting.ts';
import { logIn, runIdentity, tryLogIn, type RunningIdentity } from './kit/identity.ts';
import { newestMail, tokenIn, untilMailed } from './kit/mailbox.ts';
import { publishedEvents } from './kit/published-events.ts';
import { sql } from './kit/sql.ts';
import { askForToken, exchangeOf } from './kit/token-endpoint.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let platform: GraphQLClient;

beforeAll(async () => {
  identity = await runIdentity({ REFRESH_LEEWAY_SECONDS: '0' });
  visitor = graphqlClient(identity.url);
  platform = await identity.loggedIn('admin');
});
afterAll(() => identity.stop());

const newSlug = () => newId('school').replace('_', '-');
const address = () => `${newId('head')}@people.example`;

interface Shown {
  organisation: { id: string; slug: string; name: string; state: string };
}

const shown = 'organisation { id slug name state }';

const create = (client: GraphQLClient, input: object) =>
  act<Shown>(
    client,
    'organisationCreate',
    { name: 'A School', administratorEmail: address(), ...input },
    shown,
  );

/** An organisation as the platform makes one, with its administrator logged in. */
async function school() {
  const [slug, email, password] = [newSlug(), address(), 'their own words'];
  const { organisation } = await create(platform, { slug, administratorEmail: email });
  await accept(visitor, tokenIn(await newestMail(identity, email)), 'The Head', password);
  const tokens = await logIn(visitor, email, password);
  return { ...organisation, email, password, tokens, head: graphqlClient(identity.url, tokens.accessToken) };
}

describe('an organisation', () => {
  test('is made by the platform, whose invitation makes its first administrator', async () => {
    const { id, slug, head, email } = await school();
    expect(
      (await head('{ viewer { roles organisation { id slug name state registration } } }')).data,
    ).toEqual({
      viewer: {
        roles: ['ADMIN'],
        organisation: { id, slug, name: 'A School', state: 'ACTIVE', registration: 'BY_INVITATION' },
      },
    });
    const [mail] = await untilMailed(identity, email);
    expect(mail!.text).toContain('A School');
    await publishedEvents(identity, (events) => {
      const told = events.filter(({ organisation }) => organisation === id).map(({ type }) => type);
      expect(told).toEqual(expect.arrayContaining(['organisation.created', 'membership.changed']));
    });
    const { data } = await head(
      '{ auditEvents(filter: { act: "organisation.create" }) { nodes { subjectId } } }',
    );
    expect(data).toEqual({ auditEvents: { nodes: [{ subjectId: id }] } });
  });

  test('is made once, however often it is asked for, and by several at once', async () => {
    const [slug, administratorEmail] = [newSlug(), address()];
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => create(platform, { slug, administratorEmail })),
    );
    expect(answers.map(({ userErrors }) => userErrors[0]?.code ?? 'made').sort()).toEqual([
      'CONFLICT',
      'CONFLICT',
      'CONFLICT',
      'made',
    ]);
    expect(await untilMailed(identity, administratorEmail)).toHaveLength(1);
  });

  test.each(['', 'Upper', '-a', 'a-', 'a b', 'ä', 'a'.repeat(101)])(
    'with the slug %j is INVALID',
    async (slug) => {
      expect(await create(platform, { slug })).toMatchObject({
        organisation: null,
        userErrors: [{ code: 'INVALID', field: ['input', 'slug'] }],
      });
    },
  );

  test('is not made by its administrators, nor listed, limited or suspended', async () => {
    const { head, id } = await school();
    await expect(create(head, { slug: newSlug() })).rejects.toThrow('organisation.create');
    await expect(act(head, 'organisationSuspend', { id }, shown)).rejects.toThrow('organisation.suspend');
    await expect(act(head, 'organisationReinstate', { id }, shown)).rejects.toThrow('organisation.reinstate');
    await expect(act(head, 'organisationPlanUpdate', { id }, shown)).rejects.toThrow(
      'organisation.plan.update',
    );
    const { errors } = await head('{ organisations { nodes { id } } }');
    expect(errors).toMatchObject([{ extensions: { missing: 'organisation.list' } }]);
  });

  test('whose first administrator never came is given another one, as long as it has none', async () => {
    const { organisation } = await create(platform, { slug: newSlug() });
    const email = address();
    const again = { id: organisation.id, email };
    const invited = await act(platform, 'organisationAdministratorInvite', again, shown);
    expect(invited.userErrors).toEqual([]);
    const token = tokenIn(await newestMail(identity, email));
    expect(await accept(visitor, token, 'The Head', 'their own words')).toMatchObject({ userErrors: [] });
    const more = { id: organisation.id, email: address() };
    expect(await act(platform, 'organisationAdministratorInvite', more, shown)).toMatchObject({
      userErrors: [{ code: 'CONFLICT', field: ['input', 'id'] }],
    });
    const nowhere = { ...more, id: newId('org') };
    expect(await act(platform, 'organisationAdministratorInvite', nowhere, shown)).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND' }],
    });
  });

  test('opens to nobody by the invitation of who stands above it no more', async () => {
    const { userCreate } = (
      await platform<{ userCreate: { user: { id: string } } }>(
        `mutation ($email: String!) {
          userCreate(input: { name: "Former", email: $email, password: "lyceum-demo", roles: [ADMIN, PLATFORM_ADMIN] }) { user { id } }
        }`,
        { email: 'former@people.example' },
      )
    ).data;
    const { accessToken } = await logIn(visitor, 'former@people.example');
    const email = address();
    await create(graphqlClient(identity.url, accessToken), { slug: newSlug(), administratorEmail: email });
    await act(platform, 'userDeactivate', { userId: userCreate.user.id }, 'user { id }');
    const token = tokenIn(await newestMail(identity, email));
    expect(await accept(visitor, token, 'The Head', 'their own words')).toMatchObject({
      userErrors: [{ code: 'TOKEN_REFUSED' }],
    });
  });
});

describe('the list of organisations', () => {
  interface Listed {
    organisations: {
      nodes: { name: string; state: string }[];
      totalCount: number;
      pageInfo: { endCursor: string; startCursor: string; hasNextPage: boolean };
    };
  }
  const list = async (variables: object) => {
    const { data, errors } = await platform<Listed>(
      `query ($filter: OrganisationFilter, $orderBy: OrganisationOrder, $first: Int, $after: String, $last: Int, $before: String) {
        organisations(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
          nodes { name state } totalCount pageInfo { endCursor startCursor hasNextPage }
        }
      }`,
      { orderBy: { field: 'NAME' }, ...variables },
    );
    if (errors) throw new Error(errors[0]!.message);
    return data.organisations;
  };

  test('is searched, filtered, ordered and walked in both directions', async () => {
    const word = `Word${newId('x').slice(-8)}`;
    for (const name of [`École ${word}`, `Zoo ${word}`, `Apple ${word}`])
      await create(platform, { slug: newSlug(), name });
    const filter = { search: word.toUpperCase() };
    const names = ({ nodes }: Listed['organisations']) => nodes.map(({ name }) => name.split(' ')[0]);
    const first = await list({ filter, first: 2 });
    expect([names(first), first.totalCount, first.pageInfo.hasNextPage]).toEqual([
      ['Apple', 'École'],
      3,
      true,
    ]);
    const rest = await list({ filter, first: 2, after: first.pageInfo.endCursor });
    expect(names(rest)).toEqual(['Zoo']);
    expect(names(await list({ filter, last: 2, before: rest.pageInfo.startCursor }))).toEqual([
      'Apple',
      'École',
    ]);
    const newest = { field: 'CREATED_AT', direction: 'DESC' };
    expect(names(await list({ filter, orderBy: newest }))).toEqual(['Apple', 'Zoo', 'École']);
    expect(names(await list({ filter: { search: `ecole ${word}` } }))).toEqual(['École']);
    expect(names(await list({ filter: { ...filter, state: 'SUSPENDED' } }))).toEqual([]);
    expect(names(await list({ filter: { search: `%${word.slice(0, 2)}_` } }))).toEqual([]);
    await expect(list({ filter, orderBy: newest, after: first.pageInfo.endCursor })).rejects.toThrow(
      /not a cursor/,
    );
  });

  test('shows each to the platform alone', async () => {
    const [one, other] = [await school(), await school()];
    const query =
      'query ($id: ID!) { organisation(id: $id) { name plan { people { used limit } apiClients { used } lrsKeys { used } } } }';
    const plan = { people: { used: 1, limit: null }, apiClients: { used: 0 }, lrsKeys: { used: 0 } };
    expect((await platform(query, { id: one.id })).data).toEqual({
      organisation: { name: 'A School', plan },
    });
    expect((await other.head(query, { id: one.id })).errors).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ]);
    expect((await one.head(query, { id: one.id })).data).toMatchObject({ organisation: { plan } });
  });
});

describe('what an organisation looks like', () => {
  const fields = `organisation { name branding {
    name logoUrl faviconUrl primaryColour onPrimaryColour accentColour onAccentColour supportEmail defaultLocale defaultTimeZone
  } }`;
  const looks = {
    name: 'Another Name',
    logoUrl: 'https://cdn.example.org/logo.svg',
    faviconUrl: 'https://cdn.example.org/favicon.ico',
    primaryColour: '#0b5fff',
    accentColour: '#D9480F',
    supportEmail: 'Help@people.example',
    defaultLocale: 'de-ch',
    defaultTimeZone: 'Europe/Zurich',
  };
  const kept = {
    ...looks,
    primaryColour: '#0B5FFF',
    onPrimaryColour: '#FFFFFF',
    onAccentColour: '#000000',
    supportEmail: 'help@people.example',
    defaultLocale: 'de-CH',
  };
  const branding = `query ($slug: String!) { organisationBranding(slug: $slug) { slug name logoUrl primaryColour } }`;

  test('is said by its administrators and seen by everybody; what is absent stays, null clears', async () => {
    const { id, slug, head } = await school();
    const changed = await act(head, 'organisationUpdate', looks, fields);
    expect(changed).toEqual({ organisation: { name: kept.name, branding: kept }, userErrors: [] });
    expect((await visitor(branding, { slug })).data).toEqual({
      organisationBranding: { slug, name: kept.name, logoUrl: kept.logoUrl, primaryColour: '#0B5FFF' },
    });
    const cleared = await act(head, 'organisationUpdate', { logoUrl: null }, fields);
    expect(cleared).toMatchObject({ organisation: { branding: { ...kept, logoUrl: null } } });
    await publishedEvents(identity, (events) => {
      const told = events.flatMap(({ type, organisation, data }) =>
        type === 'organisation.updated' && organisation === id ? [data.organisation] : [],
      );
      expect(told).toMatchObject([
        { name: 'Another Name', state: 'ACTIVE', revision: 2 },
        { name: 'Another Name', state: 'ACTIVE', revision: 3 },
      ]);
    });
    const { data } = await head<{ auditEvents: { nodes: { changes: { field: string }[] }[] } }>(
      '{ auditEvents(first: 1, filter: { act: "organisation.update" }) { nodes { changes { field before after } } } }',
    );
    expect(data.auditEvents.nodes[0]!.changes).toEqual([
      { field: 'logoUrl', before: JSON.stringify(looks.logoUrl), after: 'null' },
    ]);
  });

  test('of one that is not there, or suspended, is nothing to anybody', async () => {
    const { id, slug } = await school();
    await act(platform, 'organisationSuspend', { id }, shown);
    for (const unknown of [slug, newSlug(), ''])
      expect((await visitor(branding, { slug: unknown })).data).toEqual({ organisationBranding: null });
  });

  test.each([
    ['name', ' '],
    ['logoUrl', 'http://cdn.example.org/logo.svg'],
    ['faviconUrl', 'data:image/png;base64,AA'],
    ['primaryColour', 'blue'],
    ['primaryColour', '#FFF'],
    ['accentColour', '#FFEB3B'],
    ['supportEmail', 'nobody'],
    ['defaultLocale', '!'],
    ['defaultTimeZone', 'Mars/Olympus'],
  ])('is INVALID with the %s %j', async (field, value) => {
    const { head } = await invalidSchool();
    const answer = await act(head, 'organisationUpdate', { [field]: value }, fields).catch(
      (error: unknown) => error,
    );
    // What a scalar of the graph refuses never comes here.
    if (answer instanceof Error) expect(answer.message).toMatch(/locale|URL|Locale/i);
    else expect(answer).toMatchObject({ userErrors: [{ code: 'INVALID', field: ['input', field] }] });
  });

  let made: ReturnType<typeof school> | undefined;
  const invalidSchool = () => (made ??= school());

  test('is for its administrators', async () => {
    const { ask } = await (await identity.organisation(newSlug())).member('AUTHOR');
    await expect(act(ask, 'organisationUpdate', looks, fields)).rejects.toThrow('organisation.update');
  });

  test('contrast is that of WCAG 2.2, and one of black and white is read on any colour', () => {
    expect(contrastOf('#000000', '#FFFFFF')).toBeCloseTo(21, 5);
    expect(contrastOf('#777777', '#FFFFFF')).toBeCloseTo(4.48, 2);
    expect(contrastOf('#FFFFFF', '#FFFFFF')).toBe(1);
    for (let step = 0; step < 4_096; step += 1) {
      const colour = `#${[step >> 8, (step >> 4) & 15, step & 15].map((part) => part.toString(16).repeat(2)).join('')}`;
      expect(contrastOf(textColourOn(colour)!, colour)).toBeGreaterThan(4.5);
    }
  });
});

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
    const guest = address();
    await act(head, 'registrationUpdate', { mode: 'OPEN' }, 'organisation { id }');
    await act(head, 'invitationCreate', { email: guest }, 'invitation { id }');
    const token = tokenIn(await newestMail(identity, guest));
    await suspend(id);
    const applicant = { organisation: slug, name: 'A', email: address(), password: 'their own words' };
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
    const email = address();
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
