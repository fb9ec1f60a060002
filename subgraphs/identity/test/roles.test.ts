import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { entryOf, newId, PERMISSIONS, type PermissionName } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { createAccessTokens } from '../src/domain/access-tokens.ts';
import { mostCustomRoles, mostGrants } from '../src/domain/grants.ts';
import { runIdentity, type Member, type Organisation, type RunningIdentity } from './kit/identity.ts';

let identity: RunningIdentity;
let school: Organisation;

beforeAll(async () => {
  identity = await runIdentity();
  school = await identity.organisation('school');
});
afterAll(() => identity.stop());

type Payload = Record<string, { id: string } | string | null> & {
  userErrors: { code: string; field: string[] }[];
};

const answers = {
  roleCreate: 'role { id name permissions }',
  roleUpdate: 'role { id permissions }',
  roleDelete: 'roleId',
  roleGrant: 'grant { id role customRole { id } course { id } }',
  roleRevoke: 'grantId',
  membershipUpdate: 'user { id }',
  membershipRemove: 'userId',
  userCreate: 'user { id }',
  apiClientCreate: 'apiClient { id }',
  apiClientRotate: 'secret',
  lrsKeyCreate: 'lrsKey { id }',
  lrsKeyRotate: 'secret',
} as const;

/** The payload, or the permission that was missing. */
async function run(ask: GraphQLClient, name: keyof typeof answers, input: object): Promise<Payload | string> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
  const { data, errors } = await ask<Record<string, Payload>>(
    `mutation ($input: ${type}) { ${name}(input: $input) { ${answers[name]} userErrors { code field } } }`,
    { input },
  );
  return errors ? String(errors[0]?.extensions['missing']) : data[name]!;
}

async function made(name: keyof typeof answers, input: object, field: string): Promise<string> {
  const payload = (await run(school.admin, name, input)) as Payload;
  expect(payload.userErrors).toEqual([]);
  return (payload[field] as { id: string }).id;
}

const roleOf = (...permissions: PermissionName[]) =>
  made('roleCreate', { name: newId('name'), permissions }, 'role');
const grantTo = (userId: string, grant: object) => made('roleGrant', { userId, ...grant }, 'grant');

/** Somebody with a custom role beside LEARNER, and the token that says so. */
async function holderOf(...permissions: PermissionName[]): Promise<Member> {
  const member = await school.member('LEARNER');
  await grantTo(member.userId, { roleId: await roleOf(...permissions) });
  return { ...member, ask: await again(member) };
}

const refresh = `mutation ($refreshToken: String!) {
  sessionRefresh(input: { refreshToken: $refreshToken }) { tokens { accessToken } userErrors { code } } }`;

async function claimsAgain({
  refreshToken,
}: Member): Promise<{ token: string; claims: Record<string, unknown> }> {
  const { data } = await graphqlClient(identity.url)<{ sessionRefresh: { tokens: { accessToken: string } } }>(
    refresh,
    { refreshToken },
  );
  const token = data.sessionRefresh.tokens.accessToken;
  return { token, claims: decodeJwt(token) };
}

const again = async (member: Member) => graphqlClient(identity.url, (await claimsAgain(member)).token);

test('a role is made, changed and deleted; its name is the organisation’s one', async () => {
  const id = await made('roleCreate', { name: 'Registrar', permissions: ['user.list', 'user.list'] }, 'role');
  const twice = await run(school.admin, 'roleCreate', { name: 'Registrar', permissions: ['user.list'] });
  expect(twice).toMatchObject({ role: null, userErrors: [{ code: 'CONFLICT', field: ['input', 'name'] }] });
  const changed = { id, name: 'Registrar', permissions: ['user.create'] };
  expect(await run(school.admin, 'roleUpdate', changed)).toMatchObject({
    role: { id, permissions: ['user.create'] },
  });
  const { data } = await school.admin('{ roles { nodes { name permissions } totalCount } }');
  expect(data).toMatchObject({ roles: { nodes: [{ name: 'Registrar' }], totalCount: 1 } });
  expect(await run(school.admin, 'roleDelete', { id })).toMatchObject({ roleId: id, userErrors: [] });
});

test.each([[['course.destroy']], [['ADMIN']], [[]]])('a role of %j is INVALID', async (permissions) => {
  const answer = await run(school.admin, 'roleCreate', { name: 'Wrong', permissions });
  expect(answer).toMatchObject({ userErrors: [{ code: 'INVALID', field: ['input', 'permissions'] }] });
});

test('a granted role is in the next token, opens what it holds, and is gone after it was taken away', async () => {
  const member = await school.member('LEARNER');
  const course = newId('course');
  const roleId = await roleOf('user.list', 'course.update');
  const whole = await grantTo(member.userId, { roleId });
  await grantTo(member.userId, { role: 'INSTRUCTOR', courseId: course });
  const { token, claims } = await claimsAgain(member);
  expect(claims).toMatchObject({
    roles: ['LEARNER'],
    permissions: ['user.list', 'course.update'],
    grants: [{ may: ['INSTRUCTOR'], on: [course] }],
  });
  const ask = graphqlClient(identity.url, token);
  expect((await ask('{ users { totalCount } }')).errors).toBeUndefined();
  const own = await ask<{ viewer: { user: { grants: { role: string | null }[] } } }>(
    '{ viewer { user { grants { role customRole { name } course { id } } } } }',
  );
  expect(own.data.viewer.user.grants).toMatchObject([
    { role: null },
    { role: 'INSTRUCTOR', course: { id: course } },
  ]);

  expect(await run(school.admin, 'roleDelete', { id: roleId })).toMatchObject({
    userErrors: [{ code: 'CONFLICT' }],
  });
  expect(await run(school.admin, 'roleRevoke', { grantId: whole })).toMatchObject({ grantId: whole });
  expect(await run(school.admin, 'roleDelete', { id: roleId })).toMatchObject({ roleId });
});

test('what administers is looked up now: a token from before gives nothing more', async () => {
  const member = await school.member('LEARNER');
  const roleId = await roleOf('role.create', 'user.list');
  const grantId = await grantTo(member.userId, { roleId });
  const ask = await again(member);
  const role = { name: newId('name'), permissions: ['user.list'] };
  expect(await run(ask, 'roleCreate', role)).toMatchObject({ userErrors: [] });
  await run(school.admin, 'roleRevoke', { grantId });
  expect(await run(ask, 'roleCreate', { ...role, name: 'Later' })).toBe('role.create');
});

test('nobody gives, makes or changes what they do not hold themselves', async () => {
  const { ask, userId } = await holderOf(
    ...(['role.create', 'role.update', 'role.delete', 'role.grant', 'role.revoke'] as const),
    ...(['membership.update', 'membership.remove', 'user.create'] as const),
  );
  const strong = await roleOf('user.email.read');
  const weak = await roleOf('role.create');
  const admin = (await school.member('ADMIN')).userId;
  const grantId = await grantTo(admin, { roleId: strong });
  const attempts: [keyof typeof answers, object][] = [
    ['roleCreate', { name: 'Mine', permissions: ['user.email.read'] }],
    ['roleUpdate', { id: weak, name: 'Mine', permissions: ['role.create', 'user.email.read'] }],
    ['roleUpdate', { id: strong, name: 'Tamed', permissions: ['role.create'] }],
    ['roleDelete', { id: strong }],
    ['roleGrant', { userId, roleId: strong }],
    ['roleGrant', { userId, role: 'ADMIN', courseId: newId('course') }],
    ['roleRevoke', { grantId }],
    ['membershipUpdate', { userId, roles: ['LEARNER', 'ADMIN'] }],
    ['membershipUpdate', { userId: admin, roles: ['LEARNER'] }],
    ['membershipRemove', { userId: admin }],
    ['userCreate', { name: 'Puppet', email: `${newId('puppet')}@x.example`, roles: ['ADMIN'] }],
  ];
  for (const [name, input] of attempts)
    expect([name, input, await run(ask, name, input)]).toEqual([
      name,
      input,
      expect.stringMatching(/^[a-z-]+\.[a-z.-]+$/),
    ]);
  // What they hold they may give.
  expect(await run(ask, 'roleGrant', { userId: admin, roleId: weak })).toMatchObject({ userErrors: [] });
  const { data } = await school.admin<{ auditEvents: { totalCount: number } }>(
    '{ auditEvents(filter: { act: "role.grant", outcome: REFUSED }) { totalCount } }',
  );
  expect(data.auditEvents.totalCount).toBe(2);
});

test('whoever is removed loses what was granted, also when they are taken back', async () => {
  const member = await school.member('LEARNER');
  await grantTo(member.userId, { role: 'AUTHOR', courseId: newId('course') });
  await run(school.admin, 'membershipRemove', { userId: member.userId });
  await run(school.admin, 'membershipUpdate', { userId: member.userId, roles: ['LEARNER'] });
  const { data } = await school.admin('query ($id: ID!) { user(id: $id) { grants { id } } }', {
    id: member.userId,
  });
  expect(data).toEqual({ user: { grants: [] } });
});

test.each([
  ['of a built-in role for the whole organisation', { role: 'AUTHOR' }, 'role'],
  ['of no role', {}, 'role'],
  ['for what is no course', { role: 'AUTHOR', courseId: newId('user') }, 'courseId'],
  ['of what can’t be granted for a course', { role: 'LEARNER', courseId: newId('course') }, 'courseId'],
])('a grant %s is INVALID', async (_what, grant, field) => {
  const { userId } = await school.member('LEARNER');
  const answer = await run(school.admin, 'roleGrant', { userId, ...grant });
  expect(answer).toMatchObject({ userErrors: [{ code: 'INVALID', field: ['input', field] }] });
});

test('one grant twice is a CONFLICT', async () => {
  const { userId } = await school.member('LEARNER');
  const grant = { userId, role: 'AUTHOR', courseId: newId('course') };
  await run(school.admin, 'roleGrant', grant);
  expect(await run(school.admin, 'roleGrant', grant)).toMatchObject({ userErrors: [{ code: 'CONFLICT' }] });
});

test('the largest token that a person can hold fits into a header', async () => {
  const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const keys = { current: { id: newId('jwk'), privateKey } } as Parameters<
    typeof createAccessTokens
  >[0]['keys'];
  const scopable = PERMISSIONS.filter((name) => entryOf(name).scopes);
  const on = Array.from({ length: mostGrants / mostCustomRoles }, () => newId('course'));
  const grants = Array.from({ length: mostCustomRoles }, () => ({ may: scopable, on }));
  const held = { roles: ['ADMIN'], permissions: PERMISSIONS, grants };
  const session = {
    sessionId: newId('session'),
    userId: newId('user'),
    organisationId: newId('org'),
    methods: [],
  };
  const tokens = createAccessTokens({ keys, issuer: 'https://lyceum.example', seconds: 600 });
  const { accessToken } = await tokens.sign({ ...session, held });
  // Node refuses a request whose headers are over 16 KiB together.
  expect(accessToken.length).toBeLessThan(14_000);
});

test('the secret of an API client is given to who may do what it may', async () => {
  const client = { name: 'May more', permissions: ['organisation.read', 'user.create'] };
  const id = await made('apiClientCreate', client, 'apiClient');
  const rotate = (ask: GraphQLClient) => run(ask, 'apiClientRotate', { id, overlapHours: 0 });
  expect(await rotate((await holderOf('api-client.rotate')).ask)).toBe('user.create');
  expect(await rotate((await holderOf('api-client.rotate', 'user.create')).ask)).toMatchObject({
    secret: expect.any(String),
    userErrors: [],
  });
});

test('the secret of a key for an xAPI tool is given to who may make one', async () => {
  const id = await made('lrsKeyCreate', { name: 'Simulation' }, 'lrsKey');
  const rotate = (ask: GraphQLClient) => run(ask, 'lrsKeyRotate', { id, overlapHours: 0 });
  expect(await rotate((await holderOf('lrs-key.rotate')).ask)).toBe('lrs-key.create');
  expect(await rotate((await holderOf('lrs-key.rotate', 'lrs-key.create')).ask)).toMatchObject({
    userErrors: [],
  });
});
