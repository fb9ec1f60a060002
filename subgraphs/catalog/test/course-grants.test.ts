import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import type { GraphQLClient } from '@lyceum/testing';
import { runCatalog, type RunningCatalog, type School } from './kit/catalog.ts';
import { readCourse, writeCourse } from './kit/courses.ts';
import { ask, mutationNames, run, type CourseAnswer, type MutationName } from './kit/operations.ts';

// A learner of the school who is the author of one course of it.

let catalog: RunningCatalog;
let school: School;
let granted: CourseAnswer;
let other: CourseAnswer;
let holder: GraphQLClient;

beforeAll(async () => {
  catalog = await runCatalog();
  school = await catalog.school();
  granted = await writeCourse(school.author, { title: 'Granted' }, [['a', 'b']]);
  other = await writeCourse(school.author, { title: 'Other' }, [['a', 'b']]);
  holder = await school.holder({ roles: ['LEARNER'], grants: [{ may: ['AUTHOR'], on: [granted.id] }] });
});
afterAll(() => catalog.stop());

/** In an order in which each can succeed. */
function inputs({ id, modules }: CourseAnswer): Partial<Record<MutationName, object>> {
  const [module] = modules;
  const [first, second] = module!.items;
  return {
    courseUpdate: { id, changes: { summary: 'New' } },
    moduleCreate: { courseId: id, title: 'New' },
    moduleUpdate: { id: module!.id, changes: { title: 'New' } },
    contentItemCreate: { moduleId: module!.id, title: 'New', type: 'PAGE', body: '' },
    contentItemUpdate: { id: first!.id, changes: { title: 'New' } },
    contentItemDelete: { id: second!.id },
    coursePublish: { id },
    courseArchive: { id },
  };
}

test('changes and publishes that course, and no other, whether there is such a one or not', async () => {
  for (const [name, input] of Object.entries(inputs(other)) as [MutationName, object][]) {
    const { errors } = await ask(holder, name, input);
    expect([name, errors?.[0]?.extensions['code']]).toEqual([name, 'FORBIDDEN']);
  }
  expect(await readCourse(school.author, other.id)).toEqual(other);
  const { errors } = await ask(holder, 'courseUpdate', { id: newId('course'), changes: {} });
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'course.update' } }]);

  for (const [name, input] of Object.entries(inputs(granted)) as [MutationName, object][]) {
    expect([name, (await run(holder, name, input)).userErrors]).toEqual([name, []]);
  }
  expect(await readCourse(school.author, granted.id)).toMatchObject({ summary: 'New', status: 'ARCHIVED' });
});

test('begins none: that is for the whole organisation', async () => {
  const { errors } = await ask(holder, 'courseCreate', { title: 'Mine' });
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'course.create' } }]);
});

test('sees the draft of that course, and of no other', async () => {
  const draft = await writeCourse(school.author, { title: 'Draft of the grant' });
  const author = await school.holder({ grants: [{ may: ['course.read.draft'], on: [draft.id] }] });
  const published = await listed(school.learner);
  expect(await listed(author)).toEqual([draft.title, ...published].sort());
  expect(await listed(author, 'DRAFT')).toEqual([draft.title]);
  expect(await readCourse(author, draft.id)).toMatchObject({ id: draft.id });
  expect(await readCourse(author, other.id)).toBeNull();
});

test('a token that says less than its bearer’s role is held to that', async () => {
  const machine = await school.holder({
    roles: ['ADMIN'],
    permissions: ['course.read'],
    permissionsOnly: true,
  });
  for (const name of mutationNames) {
    const { errors } = await ask(machine, name, name === 'courseCreate' ? { title: 'T' } : { id: other.id });
    expect([name, errors?.[0]?.extensions['code']]).toEqual([
      name,
      expect.stringMatching(/FORBIDDEN|BAD_USER_INPUT/),
    ]);
  }
  expect(await readCourse(machine, other.id)).toBeNull();
});

async function listed(client: GraphQLClient, status?: string): Promise<string[]> {
  const { data } = await client<{ courses: { nodes: { title: string }[]; totalCount: number } }>(
    'query ($filter: CourseFilter) { courses(filter: $filter) { nodes { title } totalCount } }',
    { filter: { status } },
  );
  expect(data.courses.totalCount).toBe(data.courses.nodes.length);
  return data.courses.nodes.map(({ title }) => title).sort();
}
