import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { logIn, runIdentity, tryLogIn, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let north: Organisation;
let south: Organisation;

beforeAll(async () => {
  identity = await runIdentity();
  visitor = graphqlClient(identity.url);
  north = await identity.organisation('north');
  south = await identity.organisation('south');
});
afterAll(() => identity.stop());

interface Created {
  userCreate: {
    user: { id: string; name: string; email: string; roles: string[]; createdAt: string } | null;
    userErrors: { code: string }[];
  };
}

async function add(
  admin: GraphQLClient,
  input: { name: string; email: string; password?: string; roles?: string[] },
) {
  const { data } = await admin<Created>(
    `mutation ($input: UserCreateInput!) {
      userCreate(input: $input) { user { id name email roles createdAt } userErrors { code } }
    }`,
    { input },
  );
  return data.userCreate;
}

const numbers = new Map<string, number>();
/** An address that nobody has. */
function addressOf(name: string): string {
  numbers.set(name, (numbers.get(name) ?? 0) + 1);
  return `${name}-${numbers.get(name)}@people.example`;
}

/** The same person, taken in by both, each with a name, a password and roles of its own. */
async function inBoth() {
  const email = addressOf('both');
  const inNorth = await add(north.admin, {
    name: 'N. Orth',
    email,
    password: 'north-password',
    roles: ['AUTHOR'],
  });
  const inSouth = await add(south.admin, { name: 'S. Outh', email, password: 'south-password' });
  return { email, inNorth: inNorth.user!, inSouth: inSouth.user! };
}

const member = 'query ($id: ID!) { user(id: $id) { name email roles createdAt } }';

describe('who has an account in another organisation', () => {
  test('is taken in like anybody: the answer shows what was given, and nothing that the other one knows', async () => {
    const email = addressOf('again');
    const before = await add(north.admin, { name: 'Known in North', email, roles: ['AUTHOR', 'INSTRUCTOR'] });
    const since = Date.parse(before.user!.createdAt);
    await eventually(() => {
      expect(Date.now()).toBeGreaterThan(since);
    });
    const after = await add(south.admin, { name: 'Given in South', email: email.toUpperCase() });
    expect(after).toEqual({
      user: { ...after.user, name: 'Given in South', email, roles: ['LEARNER'] },
      userErrors: [],
    });
    expect(after.user!.id).toBe(before.user!.id);
    expect(Date.parse(after.user!.createdAt)).toBeGreaterThan(since);
  });

  test('is EMAIL_TAKEN within the organisation alone', async () => {
    const { email } = await inBoth();
    for (const { admin } of [north, south]) {
      expect(await add(admin, { name: 'Once more', email })).toEqual({
        user: null,
        userErrors: [{ code: 'EMAIL_TAKEN' }],
      });
    }
  });

  test('taken in by several organisations at once has one account and is a member of each', async () => {
    const organisations = [
      north,
      south,
      await identity.organisation('east'),
      await identity.organisation('west'),
    ];
    const email = addressOf('wanted');
    const answers = await Promise.all(
      organisations.map(({ admin, slug }) => add(admin, { name: slug, email })),
    );
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(new Set(answers.map(({ user }) => user!.id)).size).toBe(1);
    for (const [place, { admin, slug }] of organisations.entries()) {
      const { data } = await admin(member, { id: answers[place]!.user!.id });
      expect(data).toMatchObject({ user: { name: slug } });
    }
  });

  test('is known to each organisation by its own name, roles and date', async () => {
    const { inNorth, inSouth } = await inBoth();
    const { id: _north, ...northerly } = inNorth;
    const { id: _south, ...southerly } = inSouth;
    expect((await north.admin(member, { id: inNorth.id })).data).toEqual({ user: northerly });
    expect((await south.admin(member, { id: inNorth.id })).data).toEqual({ user: southerly });
    const found = 'query ($search: String!) { users(filter: { search: $search }) { nodes { id } } }';
    expect((await south.admin(found, { search: 'N. Orth' })).data).toEqual({ users: { nodes: [] } });
    expect((await north.admin(found, { search: 'N. Orth' })).data).toMatchObject({
      users: { nodes: expect.arrayContaining([{ id: inNorth.id }]) },
    });
  });

  test('is given roles by each organisation for itself', async () => {
    const { inNorth } = await inBoth();
    await south.admin(
      'mutation ($input: MembershipUpdateInput!) { membershipUpdate(input: $input) { user { id } } }',
      {
        input: { userId: inNorth.id, roles: ['INSTRUCTOR'] },
      },
    );
    expect((await north.admin(member, { id: inNorth.id })).data).toMatchObject({
      user: { roles: ['AUTHOR'] },
    });
    expect((await south.admin(member, { id: inNorth.id })).data).toMatchObject({
      user: { roles: ['INSTRUCTOR'] },
    });
  });
});

test('a person in two organisations is told of once as a person, and once as a member of each organisation', async () => {
  const { email, inNorth } = await inBoth();
  const events = await publishedEvents(identity, (known) => {
    expect(known.filter(({ subject }) => subject === inNorth.id)).toHaveLength(3);
  });
  const [registered, ...changed] = events.filter(({ subject }) => subject === inNorth.id);
  expect(registered).toMatchObject({
    type: 'user.registered',
    organisation: '',
    data: { user: { id: inNorth.id, email, name: 'N. Orth' } },
  });
  expect(changed).toMatchObject([
    { type: 'membership.changed', organisation: north.id, data: { membership: { roles: ['AUTHOR'] } } },
    { type: 'membership.changed', organisation: south.id, data: { membership: { roles: ['LEARNER'] } } },
  ]);
});

describe('a password', () => {
  test('opens the organisation that it was given in, and no other', async () => {
    const { email, inNorth } = await inBoth();
    const claims = async (password: string, organisation?: string) =>
      decodeJwt((await logIn(visitor, email, password, organisation)).accessToken);
    expect(await claims('north-password')).toMatchObject({
      sub: inNorth.id,
      org: north.id,
      roles: ['AUTHOR'],
    });
    expect(await claims('south-password')).toMatchObject({
      sub: inNorth.id,
      org: south.id,
      roles: ['LEARNER'],
    });
    expect(await claims('south-password', 'south')).toMatchObject({ org: south.id });
    const refused = { tokens: null, userErrors: [{ code: 'CREDENTIALS_REFUSED' }] };
    for (const [password, organisation] of [
      ['south-password', 'north'],
      ['north-password', 'south'],
      ['north-password', 'demo'],
      ['other-password', undefined],
    ] as const) {
      expect(await tryLogIn(visitor, { email, password, organisation })).toMatchObject(refused);
    }
  });

  test('set by who entered the address first does not let them in where its owner is taken in later', async () => {
    const email = addressOf('victim');
    await add(south.admin, { name: 'Not they', email, password: 'known-to-south' });
    await add(north.admin, { name: 'The Author', email, roles: ['ADMIN'] });
    const refused = await tryLogIn(visitor, { email, password: 'known-to-south', organisation: 'north' });
    expect(refused).toMatchObject({ tokens: null, userErrors: [{ code: 'CREDENTIALS_REFUSED' }] });
  });

  test('given by another organisation disturbs no login, and tells it of no account', async () => {
    const email = addressOf('settled');
    await add(north.admin, { name: 'Settled', email, password: 'their-password' });
    await add(south.admin, { name: 'Guessed', email, password: 'tried-password' });
    expect(decodeJwt((await logIn(visitor, email, 'their-password')).accessToken)['org']).toBe(north.id);
    // As it would with a new account.
    expect(decodeJwt((await logIn(visitor, email, 'tried-password')).accessToken)['org']).toBe(south.id);
  });

  test('that opens several needs the name of one, and names none that it does not open', async () => {
    const email = addressOf('careless');
    const east = await identity.organisation('east-again');
    for (const { admin } of [north, south]) await add(admin, { name: 'C', email, password: 'one-password' });
    await add(east.admin, { name: 'C', email, password: 'another-password' });
    const { tokens, userErrors } = await tryLogIn(visitor, { email, password: 'one-password' });
    expect({ tokens, userErrors }).toMatchObject({
      tokens: null,
      userErrors: [{ code: 'ORGANISATION_NEEDED' }],
    });
    expect(userErrors[0]!.message).toContain('north, south');
    expect(userErrors[0]!.message).not.toContain('east');
    const { accessToken } = await logIn(visitor, email, 'one-password', 'south');
    expect(decodeJwt(accessToken)['org']).toBe(south.id);
  });
});

test('a session is ended from its own organisation', async () => {
  const { email } = await inBoth();
  const there = await logIn(visitor, email, 'north-password');
  const here = graphqlClient(identity.url, (await logIn(visitor, email, 'south-password')).accessToken);
  const { data } = await here(
    'mutation ($id: ID!) { sessionRevoke(input: { sessionId: $id }) { userErrors { code } } }',
    { id: decodeJwt(there.accessToken)['sid'] },
  );
  expect(data).toEqual({ sessionRevoke: { userErrors: [{ code: 'NOT_FOUND' }] } });
});

test.each([undefined, 'south'])(
  'the right password of one organisation (named: %s) forgives no guesses at that of another',
  async (organisation) => {
    const { email } = await inBoth();
    const codes: (string | undefined)[] = [];
    for (let guess = 1; guess <= 9; guess++) {
      const { userErrors } = await tryLogIn(visitor, { email, password: `guess ${guess} at North` });
      codes.push(userErrors[0]?.code);
      if (guess % 3 === 0) await tryLogIn(visitor, { email, password: 'south-password', organisation });
    }
    expect(codes.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => 'CREDENTIALS_REFUSED'));
    expect(codes).toContain('TOO_MANY_ATTEMPTS');
  },
);
