import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import type { GraphQLClient } from '@lyceum/testing';
import { runIdentity, type Member, type RunningIdentity } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';

let identity: RunningIdentity;
let admin: GraphQLClient;
let learner: Member;
let other: Member;

beforeAll(async () => {
  identity = await runIdentity();
  const school = await identity.organisation('school');
  admin = school.admin;
  learner = await school.member('LEARNER');
  other = await school.member('LEARNER');
});
afterAll(() => identity.stop());

interface Changed {
  userErrors: { code: string; field: string[] }[];
  group: { id: string; name: string; description: string | null; externalId: string | null } | null;
}
const fields = 'group { id name description externalId } userErrors { code field }';

async function change(name: string, input: object): Promise<Changed> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { change: ${name}(input: $input) { ${fields} } }`;
  return (await admin<{ change: Changed }>(document, { input })).data.change;
}

async function made(name = newId('class')): Promise<string> {
  return (await change('groupCreate', { name })).group!.id;
}

const membersOf = `query ($id: ID!) { group(id: $id) { members { nodes { id } totalCount } } }`;

async function members(id: string): Promise<string[]> {
  const { data } = await admin<{ group: { members: { nodes: { id: string }[] } } }>(membersOf, { id });
  return data.group.members.nodes.map((node) => node.id).sort();
}

test('every change of a group is in the audit log', async () => {
  const id = await made('Audited');
  await change('groupUpdate', { id, description: 'As said' });
  await change('groupMembersAdd', { id, userIds: [learner.userId] });
  await change('groupMembersRemove', { id, userIds: [learner.userId] });
  await admin('mutation ($input: GroupDeleteInput!) { groupDelete(input: $input) { groupId } }', {
    input: { id },
  });
  const { data } = await admin<{ auditEvents: { nodes: { act: string }[] } }>(
    'query ($id: ID!) { auditEvents(filter: { subjectId: $id }) { nodes { act } } }',
    { id },
  );
  expect(data.auditEvents.nodes.map(({ act }) => act).reverse()).toEqual([
    'group.create',
    'group.update',
    'group.members-add',
    'group.members-remove',
    'group.delete',
  ]);
});

describe('a group', () => {
  test('is made, changed and deleted: what is absent stays, null clears', async () => {
    const { group } = await change('groupCreate', {
      name: ' Class 7b ',
      description: 'A class',
      externalId: '7b',
    });
    expect(group).toMatchObject({ name: 'Class 7b', description: 'A class', externalId: '7b' });
    const id = group!.id;
    expect((await change('groupUpdate', { id, name: 'Class 8b' })).group).toEqual({
      ...group,
      name: 'Class 8b',
    });
    expect((await change('groupUpdate', { id, description: null })).group).toMatchObject({
      name: 'Class 8b',
      description: null,
      externalId: '7b',
    });
    await admin('mutation ($input: GroupDeleteInput!) { groupDelete(input: $input) { groupId } }', {
      input: { id },
    });
    const { errors } = await admin(membersOf, { id });
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    const events = await publishedEvents(identity, (known) => {
      expect(known.filter(({ subject }) => subject === id)).toHaveLength(4);
    });
    const told = events.flatMap((event) =>
      event.type === 'group.changed' && event.subject === id ? [event.data] : [],
    );
    expect(told.map((data) => data.group)).toMatchObject([
      { name: 'Class 7b', deleted: false, revision: 1 },
      { name: 'Class 8b', deleted: false, revision: 2 },
      { description: null, deleted: false, revision: 3 },
      { deleted: true, revision: 4 },
    ]);
  });

  test('has a name and an external id that no other of the organisation has', async () => {
    await change('groupCreate', { name: 'Unique', externalId: 'u' });
    const id = await made();
    for (const taken of [{ name: 'Unique' }, { externalId: 'u' }]) {
      expect((await change('groupUpdate', { id, ...taken })).userErrors).toMatchObject([
        { code: 'CONFLICT' },
      ]);
      expect((await change('groupCreate', { name: 'Another', ...taken })).userErrors).toMatchObject([
        { code: 'CONFLICT' },
      ]);
    }
  });

  test.each([
    ['no name', { name: ' ' }, 'name'],
    ['a semicolon, which divides the names of a cell', { name: 'a;b' }, 'name'],
    ['a name that is null', { name: null }, 'name'],
    ['a long description', { description: 'x'.repeat(2_001) }, 'description'],
    ['a control character', { externalId: 'a\u0007' }, 'externalId'],
  ])('is not changed to %s', async (_case, input, field) => {
    const { userErrors } = await change('groupUpdate', { id: await made(), ...input });
    expect(userErrors).toMatchObject([{ code: 'INVALID', field: ['input', field] }]);
  });
});

describe('the members of a group', () => {
  test('are put in and taken out, any number of times', async () => {
    const id = await made();
    const both = [learner.userId, other.userId].sort();
    for (let time = 0; time < 2; time += 1) await change('groupMembersAdd', { id, userIds: both });
    expect(await members(id)).toEqual(both);
    for (let time = 0; time < 2; time += 1)
      await change('groupMembersRemove', { id, userIds: [learner.userId] });
    expect(await members(id)).toEqual([other.userId]);
    const events = await publishedEvents(identity, (known) => {
      expect(known.filter(({ subject }) => subject === id)).toHaveLength(3);
    });
    const told = events.flatMap((event) =>
      event.type === 'group.members-changed' && event.subject === id ? [event.data] : [],
    );
    expect(told).toMatchObject([
      { added: expect.arrayContaining(both), removed: [] },
      { added: [], removed: [learner.userId] },
    ]);
  });

  test('are people of the organisation: an unknown one is NOT_FOUND, and nobody comes in', async () => {
    const id = await made();
    const userIds = [learner.userId, newId('user')];
    expect((await change('groupMembersAdd', { id, userIds })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: ['input', 'userIds'] },
    ]);
    expect(await members(id)).toEqual([]);
  });

  test.each([[0], [101]])('are not changed %i at once', async (number) => {
    const userIds = Array.from({ length: number }, () => newId('user'));
    expect((await change('groupMembersAdd', { id: await made(), userIds })).userErrors).toMatchObject([
      { code: 'INVALID', field: ['input', 'userIds'] },
    ]);
  });

  test('leave the lists with the organisation, and come back with it', async () => {
    const id = await made();
    await change('groupMembersAdd', { id, userIds: [other.userId] });
    const input = { userId: other.userId };
    await admin('mutation ($input: MembershipRemoveInput!) { membershipRemove(input: $input) { userId } }', {
      input,
    });
    expect(await members(id)).toEqual([]);
    await admin(
      'mutation ($input: MembershipUpdateInput!) { membershipUpdate(input: $input) { user { id } } }',
      {
        input: { ...input, roles: ['LEARNER'] },
      },
    );
    expect(await members(id)).toEqual([other.userId]);
  });

  test('see their own groups, not the others in them, nor the groups of others', async () => {
    const id = await made('Zebras');
    await change('groupMembersAdd', { id, userIds: [learner.userId] });
    const own = await learner.ask<{ viewer: { user: { groups: { nodes: { name: string }[] } } } }>(
      '{ viewer { user { groups(last: 1) { nodes { name } pageInfo { hasPreviousPage } } } } }',
    );
    expect(own.data.viewer.user.groups.nodes).toEqual([{ name: 'Zebras' }]);
    const refused = { path: expect.anything(), extensions: expect.objectContaining({ code: 'FORBIDDEN' }) };
    expect((await learner.ask(membersOf, { id })).errors).toMatchObject([refused]);
    const groups = 'query ($id: ID!) { user(id: $id) { groups { nodes { id } } } }';
    expect((await learner.ask(groups, { id: other.userId })).errors).toMatchObject([refused]);
  });
});

test('the groups are listed by name, page by page', async () => {
  const walked: string[] = [];
  const page = `query ($after: String) {
    groups(first: 2, after: $after) { nodes { id name } totalCount pageInfo { hasNextPage endCursor } }
  }`;
  interface Page {
    groups: {
      nodes: { id: string; name: string }[];
      totalCount: number;
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  }
  for (let after: string | undefined, more = true; more;) {
    const { groups } = (await admin<Page>(page, { after })).data;
    walked.push(...groups.nodes.map(({ name }) => name.toLowerCase()));
    ({ endCursor: after, hasNextPage: more } = groups.pageInfo);
    if (!more) expect(walked).toHaveLength(groups.totalCount);
  }
  expect(walked).toEqual(walked.toSorted());
});
