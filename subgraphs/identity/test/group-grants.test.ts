import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, type PermissionName } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { runIdentity, type Member, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';

let identity: RunningIdentity;
let school: Organisation;
let pupil: Member;
let group: string;
let other: string;

beforeAll(async () => {
  identity = await runIdentity();
  school = await identity.organisation('school');
  pupil = await school.member('LEARNER');
  [group, other] = [await newGroup(), await newGroup()];
  await run(school.admin, 'groupMembersAdd', { id: group, userIds: [pupil.userId] });
});
afterAll(() => identity.stop());

const answers = {
  groupCreate: 'group { id }',
  groupUpdate: 'group { id description }',
  groupDelete: 'groupId',
  groupMembersAdd: 'group { id }',
  groupMembersRemove: 'group { id }',
  roleCreate: 'role { id }',
  roleGrant: 'grant { id role group { id } course { id } }',
} as const;

type Payload = Record<string, { id: string } | string | null> & {
  userErrors: { code: string; field: string[] }[];
};

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

const newGroup = () => made('groupCreate', { name: newId('name') }, 'group');

/** A learner who holds permissions, or a built-in role, for one group alone; with the token that says so. */
async function leaderOf(groupId: string, may: 'INSTRUCTOR' | PermissionName[]): Promise<Member> {
  const member = await school.member('LEARNER');
  const role = Array.isArray(may)
    ? { roleId: await made('roleCreate', { name: newId('name'), permissions: may }, 'role') }
    : { role: may };
  await made('roleGrant', { userId: member.userId, groupId, ...role }, 'grant');
  return { ...member, ask: graphqlClient(identity.url, await tokenAgain(member)) };
}

async function tokenAgain({ refreshToken }: Member): Promise<string> {
  const { data } = await graphqlClient(identity.url)<{ sessionRefresh: { tokens: { accessToken: string } } }>(
    `mutation ($refreshToken: String!) {
      sessionRefresh(input: { refreshToken: $refreshToken }) { tokens { accessToken } } }`,
    { refreshToken },
  );
  return data.sessionRefresh.tokens.accessToken;
}

describe('a role granted for a group', () => {
  test('is in the token, named with its group, and opens the list of its people and no other', async () => {
    const { ask } = await leaderOf(group, 'INSTRUCTOR');
    const own = await ask('{ viewer { permissions user { grants { role group { id } course { id } } } } }');
    expect(own.data).toMatchObject({
      viewer: { user: { grants: [{ role: 'INSTRUCTOR', group: { id: group }, course: null }] } },
    });
    const list = (groupId: string | null) =>
      ask<{ users: { nodes: { id: string }[]; totalCount: number } }>(
        'query ($groupId: ID) { users(filter: { groupId: $groupId }) { nodes { id } totalCount } }',
        { groupId },
      );
    const people = { nodes: [{ id: pupil.userId }], totalCount: 1 };
    expect((await list(group)).data.users).toEqual(people);
    for (const groupId of [null, other, newId('group')]) {
      expect((await list(groupId)).errors?.[0]?.extensions).toMatchObject({
        code: 'FORBIDDEN',
        missing: 'user.list',
      });
    }
    const members = (id: string, fields: string) =>
      ask<{ group: { members: object | null } }>(
        `query ($id: ID!) { group(id: $id) { members { ${fields} } } }`,
        { id },
      );
    expect((await members(group, 'nodes { id } totalCount')).data.group.members).toEqual(people);
    for (const fields of ['nodes { id }', 'totalCount'])
      expect((await members(other, fields)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    // For one group: an instructor of it changes nothing there.
    expect(await run(ask, 'groupUpdate', { id: group, description: 'Mine' })).toBe('group.update');
  });

  test('is for a group of the organisation, and for one thing, and holds something there', async () => {
    const { userId } = await school.member('LEARNER');
    const theirs = await (
      await identity.organisation('other')
    ).admin<{
      groupCreate: { group: { id: string } };
    }>('mutation { groupCreate(input: { name: "Theirs" }) { group { id } } }');
    for (const [input, code, field] of [
      [{ role: 'INSTRUCTOR', groupId: theirs.data.groupCreate.group.id }, 'NOT_FOUND', 'groupId'],
      [{ role: 'INSTRUCTOR', groupId: newId('group') }, 'NOT_FOUND', 'groupId'],
      [{ role: 'INSTRUCTOR', groupId: userId }, 'NOT_FOUND', 'groupId'],
      [{ role: 'INSTRUCTOR', groupId: group, courseId: newId('course') }, 'INVALID', 'groupId'],
      [{ role: 'AUTHOR', groupId: group }, 'INVALID', 'groupId'],
    ] as const) {
      expect(await run(school.admin, 'roleGrant', { userId, ...input })).toMatchObject({
        userErrors: [{ code, field: ['input', field] }],
      });
    }
  });

  test('lets who may change the group do so at once, and that group alone', async () => {
    const { ask } = await leaderOf(group, ['group.update']);
    expect(await run(ask, 'groupUpdate', { id: group, description: 'Changed' })).toMatchObject({
      group: { description: 'Changed' },
    });
    const newcomer = await school.member('LEARNER');
    for (const name of ['groupMembersAdd', 'groupMembersRemove', 'groupUpdate'] as const) {
      const input = name === 'groupUpdate' ? { description: 'X' } : { userIds: [newcomer.userId] };
      expect(await run(ask, name, { id: other, ...input })).toBe('group.update');
    }
    const removed = await run(ask, 'groupMembersRemove', { id: group, userIds: [newcomer.userId] });
    expect(removed).toMatchObject({ userErrors: [] });
    expect(await run(ask, 'groupDelete', { id: group })).toBe('group.delete');
  });

  test('is looked up as it is now: a token that is older than the end of the grant changes nothing', async () => {
    const { ask, userId } = await leaderOf(other, ['group.update']);
    expect(await run(ask, 'groupUpdate', { id: other, description: 'A' })).toMatchObject({ userErrors: [] });
    const { data } = await school.admin<{ user: { grants: { id: string }[] } }>(
      'query ($id: ID!) { user(id: $id) { grants { id } } }',
      { id: userId },
    );
    await school.admin('mutation ($id: ID!) { roleRevoke(input: { grantId: $id }) { grantId } }', {
      id: data.user.grants[0]!.id,
    });
    expect(await run(ask, 'groupUpdate', { id: other, description: 'B' })).toBe('group.update');
  });

  test('lets nobody put people into the group over whom something is granted there that they lack', async () => {
    const empty = await newGroup();
    const { ask } = await leaderOf(empty, ['group.update']);
    const add = () => run(ask, 'groupMembersAdd', { id: empty, userIds: [pupil.userId] });
    expect(await add()).toMatchObject({ userErrors: [] });
    const both = await leaderOf(empty, ['group.update', 'progress.read']);
    expect(await add()).toBe('progress.read');
    const [userIds, id] = [[pupil.userId], empty];
    expect(await run(both.ask, 'groupMembersAdd', { id, userIds })).toBe('progress.read');
    expect(await run(both.ask, 'groupMembersRemove', { id, userIds })).toMatchObject({ userErrors: [] });
    expect(await run(school.admin, 'groupMembersAdd', { id, userIds })).toMatchObject({ userErrors: [] });
  });

  test('ends with the group', async () => {
    const short = await newGroup();
    const leader = await leaderOf(short, 'INSTRUCTOR');
    expect(decodeJwt(await tokenAgain(leader))).toMatchObject({ grants: [{ on: [short] }] });
    await run(school.admin, 'groupDelete', { id: short });
    expect(decodeJwt(await tokenAgain(leader))['grants']).toBeUndefined();
    await publishedEvents(identity, (told) => {
      const ended = told.filter(
        ({ type, data }) => type === 'role.revoked' && 'grant' in data && data.grant.objectId === short,
      );
      expect(ended).toHaveLength(1);
    });
  });
});

test('each change of who is in a group is told with a higher revision, also of an import', async () => {
  const counted = await newGroup();
  const { data } = await school.admin<{ group: { name: string }; user: { email: string } }>(
    'query ($group: ID!, $user: ID!) { group(id: $group) { name } user(id: $user) { email } }',
    { group: counted, user: pupil.userId },
  );
  const change = (name: 'groupMembersAdd' | 'groupMembersRemove') =>
    run(school.admin, name, { id: counted, userIds: [pupil.userId] });
  await change('groupMembersAdd');
  // Nothing changes: nothing is told.
  await change('groupMembersAdd');
  await change('groupMembersRemove');
  const importer = await school.member('ADMIN');
  const response = await fetch(`${identity.url}/people/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await tokenAgain(importer)}`, 'content-type': 'text/csv' },
    body: `email,name,groups\n${data.user.email},Pupil,${data.group.name}\n`,
  });
  expect(response.status).toBe(202);
  await publishedEvents(identity, (told) => {
    const mine = told.flatMap((event) =>
      event.type === 'group.members-changed' && event.subject === counted ? [event.data] : [],
    );
    expect(mine.map(({ added, removed, revision }) => [added, removed, revision])).toEqual([
      [[pupil.userId], [], 1],
      [[], [pupil.userId], 2],
      [[pupil.userId], [], 3],
    ]);
  });
});
