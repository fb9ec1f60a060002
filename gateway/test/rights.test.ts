import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { composed, startGateway, type TestGateway } from './kit/gateway.ts';
import { createScopedVerifier, startRegistry, type Registry } from './kit/registry.ts';

let registry: Registry;
let gateway: TestGateway;

beforeAll(async () => {
  registry = await startRegistry();
  gateway = await startGateway(registry.all, { verifier: createScopedVerifier() });
});

beforeEach(() => {
  for (const { received } of registry.all) received.length = 0;
});

afterAll(async () => {
  await gateway.stop();
  await registry.stop();
});

const code = 'UNAUTHORIZED_FIELD_OR_TYPE';
const authenticated = { authenticated: true };
const mail = { scopes: [[['people:read', 'mail:read'], ['admin']]] };
/** What came to the subgraphs, without the names that mark where something is refused. */
const asked = () =>
  registry.all
    .flatMap(({ received }) => received.map(({ query }) => query.replaceAll(/\brefused_\w+:__typename/g, '')))
    .join('\n');

describe('a field that is refused is null, with an error, and no subgraph hears of it', () => {
  test('to a stranger, what only the authenticated may have', async () => {
    const { status, data, errors } = await gateway.query('{ me { name } person(id: "ada") { name } }');
    expect(status).toBe(200);
    expect(data).toEqual({ me: null, person: { name: 'Ada' } });
    expect(errors).toEqual([
      {
        message: 'Query.me needs a valid access token.',
        path: ['me'],
        extensions: { code, field: 'Query.me', missing: authenticated },
      },
    ]);
    expect(asked()).not.toMatch(/\bme\b/);
  });

  test('not to whoever is authenticated; a token that is not valid is not taken for none', async () => {
    const { data, errors } = await gateway.query('{ me { name } }', { token: 'ada' });
    expect({ data, errors }).toEqual({ data: { me: { name: 'Ada' } }, errors: undefined });
    const { status } = await gateway.query('{ me { name } }', { token: 'forged' });
    expect(status).toBe(401);
  });

  test('where nothing else is asked for, no subgraph is asked at all', async () => {
    const { data } = await gateway.query('{ me { name } both }');
    expect(data).toEqual({ me: null, both: null });
    expect(asked()).toBe('');
  });

  test('under its alias, in every element of a list, each with its path', async () => {
    const { data, errors } = await gateway.query('{ people { mail: email visits } }');
    expect(data).toEqual({
      people: [
        { mail: null, visits: 3 },
        { mail: null, visits: 3 },
      ],
    });
    expect(errors).toMatchObject([
      { path: ['people', 0, 'mail'], extensions: { code, field: 'Person.email', missing: mail } },
      { path: ['people', 1, 'mail'] },
    ]);
    expect(asked()).not.toContain('email');
  });

  test('where an object has nothing else, it is there all the same', async () => {
    const { data } = await gateway.query(
      '{ person(id: "ada") { email } none: person(id: "nobody") { email } }',
    );
    expect(data).toEqual({ person: { email: null }, none: null });
  });

  test('where it may not be null, what is around it is null', async () => {
    const { data, errors } = await gateway.query(
      '{ person(id: "ada") { name code } peopleOrNone { name code } }',
    );
    expect(data).toEqual({ person: null, peopleOrNone: null });
    expect(errors?.map(({ path }) => path)).toEqual([
      ['person', 'code'],
      ['peopleOrNone', 0, 'code'],
      ['peopleOrNone', 1, 'code'],
    ]);
    const all = await gateway.query('{ people { code } }');
    expect(all.data).toBeNull();
  });

  test('not where it is skipped', async () => {
    const query =
      'query($no: Boolean!) { person(id: "ada") { name email @include(if: $no) code @skip(if: true) } }';
    const { data, errors } = await gateway.query(query, { variables: { no: false } });
    expect({ data, errors }).toEqual({ data: { person: { name: 'Ada' } }, errors: undefined });
  });

  test('in the payload of a mutation, which is made; a mutation that is refused is not', async () => {
    const touched = await gateway.query('mutation { touch(id: "ada") { name email } wipe }', {
      token: 'ada',
    });
    expect(touched.data).toEqual({ touch: { name: 'Ada', email: null }, wipe: null });
    expect(touched.errors).toMatchObject([
      { path: ['touch', 'email'] },
      { path: ['wipe'], extensions: { missing: { scopes: [[['people:write']]] } } },
    ]);
    expect(asked()).not.toContain('wipe');
  });

  test('with a hundred errors at most', async () => {
    const many = Array.from({ length: 70 }, (_, index) => `p${index}: people { email }`).join(' ');
    const { errors } = await gateway.query(`{ ${many} }`);
    expect(errors).toHaveLength(100);
    expect(errors?.at(-1)).toMatchObject({
      message: expect.stringContaining('40 more places'),
      extensions: { more: 40 },
    });
  });
});

describe('what is asked for', () => {
  test.each([
    ['one of the two scopes', 'ada;people:read', null],
    ['both', 'ada;people:read,mail:read', 'ada@example.org'],
    ['the other alternative', 'ada;admin', 'ada@example.org'],
    ['a scope that is like it', 'ada;administrator', null],
  ])('scopes, each of all in one of the alternatives: %s', async (_name, token, email) => {
    const { data } = await gateway.query('{ person(id: "ada") { email } }', { token });
    expect(data).toEqual({ person: { email } });
  });

  test('no alternatives are none that anybody has', async () => {
    const { data, errors } = await gateway.query('{ nobodys }', { token: 'ada;admin;ADMIN' });
    expect(data).toEqual({ nobodys: null });
    expect(errors?.[0]?.message).toBe('Query.nobodys needs scopes that nobody can have.');
  });

  test('several directives at once: all of them', async () => {
    const { errors } = await gateway.query('{ both }');
    expect(errors?.[0]?.extensions).toMatchObject({ missing: { ...authenticated, scopes: [[['admin']]] } });
    const signedIn = await gateway.query('{ both }', { token: 'ada' });
    expect(signedIn.errors?.[0]?.message).toBe('Query.both needs the scopes "admin".');
    expect((await gateway.query('{ both }', { token: 'ada;admin' })).data).toEqual({ both: 'both' });
  });

  test.each([
    ['nobody', undefined, null],
    ['who lacks the permission', 'ada;;LEARNER', null],
    ['who holds it', 'ada;;AUTHOR', 'published'],
  ])('a policy is one of our permissions: %s', async (_name, token, published) => {
    const { data } = await gateway.query('{ published }', token === undefined ? {} : { token });
    expect(data).toEqual({ published });
  });

  test('a policy that nobody knows does not hold', async () => {
    const { data } = await gateway.query('{ unheardOf }', { token: 'ada;;ADMIN' });
    expect(data).toEqual({ unheardOf: null });
  });

  test('or what a gateway says of its own policies', async () => {
    const own = await startGateway(registry.all, {
      verifier: createScopedVerifier(),
      policies: (policy, viewer) => policy === 'unheard.of' && viewer?.userId === 'ben',
    });
    expect((await own.query('{ unheardOf published }', { token: 'ben;;ADMIN' })).data).toEqual({
      unheardOf: 'unheard of',
      published: null,
    });
    expect((await own.query('{ unheardOf }', { token: 'ada' })).data).toEqual({ unheardOf: null });
    await own.stop();
  });
});

describe('no way around it', () => {
  test('by fragments, named, nested and inline', async () => {
    const { data } = await gateway.query(`
      { person(id: "ada") { ...Card ... { friends { ...on Person { email } } } } }
      fragment Card on Person { name ...Mail }
      fragment Mail on Person { email }`);
    expect(data).toEqual({ person: { name: 'Ada', email: null, friends: [{ email: null }] } });
    expect(asked()).not.toContain('email');
  });

  test('by a type that is an enum or a scalar', async () => {
    const query = '{ person(id: "ada") { tier tin } }';
    expect((await gateway.query(query)).data).toEqual({ person: { tier: null, tin: null } });
    expect((await gateway.query(query, { token: 'ada;tax' })).data).toEqual({
      person: { tier: 'GOLD', tin: '11' },
    });
  });

  test('by a union: what is of the type is null, the rest is not', async () => {
    const query = '{ things { __typename ... on Person { id } ... on Safe { id } } }';
    const { data, errors } = await gateway.query('{ things { ... on Safe { key: id __typename } } }');
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ path: ['things', 1, 'key'], extensions: { field: 'Safe.id' } }]);
    expect((await gateway.query(query, { token: 'ada;;AUTHOR' })).data).toEqual({
      things: [
        { __typename: 'Person', id: 'ada' },
        { __typename: 'Safe', id: 'safe' },
      ],
    });
  });

  test('by an interface: its field needs what any type needs there', async () => {
    const { data } = await gateway.query('{ parties { name ... on Company { motto } } }');
    expect(data).toEqual({ parties: [{ name: null }, { name: null, motto: 'More.' }] });
    const ofPeople = await gateway.query('{ parties { ... on Person { name } ... on Company { name } } }');
    expect(ofPeople.data).toEqual({ parties: [{ name: 'Ada' }, { name: null }] });
    expect(ofPeople.errors).toMatchObject([
      { path: ['parties', 1, 'name'], extensions: { field: 'Company.name' } },
    ]);
  });

  test('by an interface: a field of it needs what any of its types needs', async () => {
    const { data, errors } = await gateway.query('{ holders { ... on Account { id } } }');
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ path: ['holders'], extensions: { missing: authenticated } }]);
    const signedIn = await gateway.query('{ holders { id } }', { token: 'ada' });
    expect(signedIn.data).toEqual({ holders: [{ id: 'account' }, { id: 'trust' }] });
  });

  test('where one way of selecting it is refused, the other is not shown', async () => {
    const orders = [
      '{ parties { ... on Person { name } name } }',
      '{ parties { name ... on Person { name } } }',
    ];
    for (const query of orders) {
      const { data } = await gateway.query(query);
      expect(data).toEqual({ parties: [{ name: null }, { name: null }] });
    }
  });

  test('by a field that needs it in turn', async () => {
    const query = '{ person(id: "ada") { visits receipt } }';
    expect((await gateway.query(query)).data).toEqual({ person: { visits: 3, receipt: null } });
    expect(asked()).not.toContain('email');
    expect((await gateway.query(query, { token: 'ada;admin' })).data).toEqual({
      person: { visits: 3, receipt: 'to ada@example.org' },
    });
  });

  test('by names of ours, or of nobody', async () => {
    const { data } = await gateway.query(
      '{ person(id: "ada") { refused_email: name refused__: name __proto__: email email } }',
    );
    expect(JSON.parse(JSON.stringify(data))).toEqual(
      JSON.parse('{"person":{"refused_email":"Ada","refused__":"Ada","__proto__":null,"email":null}}'),
    );
  });

  test('by what somebody else may have: a plan is kept for each', async () => {
    const query = '{ person(id: "ada") { email code } }';
    const tokens = ['ada;admin', undefined, 'ada', 'ada;admin', undefined];
    const answers = [];
    for (const token of tokens) answers.push((await gateway.query(query, token ? { token } : {})).data);
    const all = { person: { email: 'ada@example.org', code: 'code of ada' } };
    const some = { person: { email: null, code: 'code of ada' } };
    expect(answers).toEqual([all, { person: null }, some, all, { person: null }]);
  });

  test('by operation name, in a document of several', async () => {
    const query = 'query Open { person(id: "ada") { name } } query Closed { person(id: "ada") { email } }';
    expect((await gateway.query(query, { operationName: 'Closed' })).data).toEqual({
      person: { email: null },
    });
    expect((await gateway.query(query, { operationName: 'Open' })).data).toEqual({ person: { name: 'Ada' } });
  });
});

describe('whatever composed the supergraph', () => {
  const query = '{ parties { name } holders { id } person(id: "ada") { receipt } }';

  async function answerOf(supergraphSdl: string, asking = query, token?: string) {
    const other = await startGateway(registry.all, { verifier: createScopedVerifier(), supergraphSdl });
    try {
      return await other.query(asking, token === undefined ? {} : { token });
    } finally {
      await other.stop();
    }
  }

  test('what interfaces need is told from their types, what @requires needs from what it names', async () => {
    const before = composed(registry.all);
    const sdl = before
      .replace(/(interface Party[^{]*\{[^}]*?name: String) @authenticated/, '$1')
      .replace(/(interface Holder[^{]*?) ?@authenticated/, '$1')
      .replace(/(receipt: String [^\n]*?) @requiresScopes\(.*?\]\]\)/, '$1');
    expect(before.length - sdl.length).toBeGreaterThan(2 * '@authenticated'.length + 40);
    const { data, errors } = await answerOf(sdl, '{ parties { name } person(id: "ada") { receipt } }');
    expect(data).toEqual({ parties: [{ name: null }, { name: null }], person: { receipt: null } });
    expect(errors).toHaveLength(3);
    const ofHolders = await answerOf(sdl, '{ holders { ... on Account { id } } }');
    expect(ofHolders.data).toBeNull();
    expect(ofHolders.errors).toMatchObject([{ path: ['holders'] }]);
  });

  test('the directives may have other names', async () => {
    const sdl = composed(registry.all)
      .replace('specs.apollo.dev/authenticated/v0.1"', 'specs.apollo.dev/authenticated/v0.1", as: "signedIn"')
      .replace(
        'specs.apollo.dev/policy/v0.1"',
        'specs.apollo.dev/policy/v0.1", import: [{ name: "@policy", as: "@rule" }]',
      )
      .replaceAll('@authenticated', '@signedIn')
      .replaceAll('@policy(', '@rule(');
    const { data } = await answerOf(sdl, '{ me { name } published person(id: "ada") { name } }');
    expect(data).toEqual({ me: null, published: null, person: { name: 'Ada' } });
  });

  test('clients see nothing of the directives', async () => {
    const { data } = await gateway.query('{ __schema { directives { name } types { name } } }');
    expect(JSON.stringify(data)).not.toMatch(/authenticated|requiresScopes|policy/i);
  });

  test.each([
    [
      'another version',
      (sdl: string) => sdl.replace('authenticated/v0.1', 'authenticated/v0.2'),
      '@authenticated',
    ],
    [
      'another writing',
      (sdl: string) => sdl.replace('https://specs.apollo.dev/policy', 'http://specs.apollo.dev/policy'),
      '@policy',
    ],
    [
      'a list that is none of lists',
      (sdl: string) => sdl.replace('@requiresScopes(scopes: [["tax"]])', '@requiresScopes(scopes: ["tax"])'),
      'list of lists',
    ],
    [
      'a place where nothing reads it',
      (sdl: string) => sdl.replace('  GOLD', '  GOLD @authenticated'),
      'EnumValueDefinition',
    ],
  ])('what is not understood is not served: %s', async (_name, change, reason) => {
    const sdl = change(composed(registry.all));
    expect(sdl).not.toBe(composed(registry.all));
    await expect(answerOf(sdl)).rejects.toThrow(reason);
  });
});
