import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient } from '@lyceum/testing';
import { runCatalog, type RunningCatalog, type School } from './kit/catalog.ts';
import { publishedCourse, writeCourse } from './kit/courses.ts';
import {
  ask,
  exampleOf,
  idsOf,
  mutationNames,
  run,
  type CourseAnswer,
  type MutationName,
} from './kit/operations.ts';

let catalog: RunningCatalog;
let school: School;
let course: CourseAnswer;

beforeAll(async () => {
  catalog = await runCatalog();
  school = await catalog.school();
  course = await publishedCourse(school.author, { title: 'Ours', slug: 'ours' }, [['a', 'b']]);
});
afterAll(() => catalog.stop());

/** Those that need another one than all others. */
const permissionOf: Partial<Record<MutationName, string>> = {
  courseCreate: 'course.create',
  coursePublish: 'course.publish',
  courseArchive: 'course.archive',
};

describe.each(mutationNames)('%s', (name) => {
  test.each(['LEARNER', 'INSTRUCTOR'] as const)('is FORBIDDEN to the role %s', async (role) => {
    const { errors } = await ask(await school.member(role), name, exampleOf(name, idsOf(course)));
    expect(errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN', missing: permissionOf[name] ?? 'course.update' } },
    ]);
  });

  test('is UNAUTHENTICATED to visitors', async () => {
    const { errors } = await ask(graphqlClient(catalog.url), name, exampleOf(name, idsOf(course)));
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

test('a draft and its parts are no entities to learners', async () => {
  const draft = await writeCourse(school.author, { title: 'Secret' });
  expect(await entities(school.learner, draft)).toEqual([null, null, null]);
  await run(school.author, 'coursePublish', { id: draft.id });
  expect(await entities(school.learner, draft)).not.toContain(null);
});

test('entities are not for visitors', async () => {
  const { errors } = await graphqlClient(catalog.url)(
    `{ _entities(representations: [{ __typename: "Course", id: "${newId('course')}" }]) { ... on Course { title } } }`,
  );
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});

async function entities(client: School['author'], { id, modules }: CourseAnswer) {
  const [module] = modules;
  const { data } = await client<{ _entities: unknown[] }>(
    `query ($representations: [_Any!]!) {
      _entities(representations: $representations) {
        ... on Course { title }
        ... on Module { title course { title } }
        ... on ContentItem { title module { title } }
      }
    }`,
    {
      representations: [
        { __typename: 'Course', id },
        { __typename: 'Module', id: module!.id },
        { __typename: 'ContentItem', id: module!.items[0]!.id },
      ],
    },
  );
  return data._entities;
}
