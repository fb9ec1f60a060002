import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { runCatalog, type RunningCatalog, type School } from './kit/catalog.ts';
import { publishedCourse, readCourse, writeCourse } from './kit/courses.ts';
import { run } from './kit/operations.ts';

let catalog: RunningCatalog;
let school: School;

beforeAll(async () => {
  catalog = await runCatalog();
  school = await catalog.school();
});
afterAll(() => catalog.stop());

describe('beginning a course', () => {
  test('makes a draft with a slug from its title and a language in canonical form', async () => {
    const { course, userErrors } = await run(school.author, 'courseCreate', {
      title: '  Bröt für Anfänger! ',
      language: 'DE-at',
    });
    expect(userErrors).toEqual([]);
    expect(course).toMatchObject({
      title: 'Bröt für Anfänger!',
      slug: 'brot-fur-anfanger',
      summary: '',
      language: 'de-AT',
      status: 'DRAFT',
      revision: 1,
      modules: [],
      activityIri: `http://localhost:4000/xapi/activities/${course!.id}`,
    });
    expect(course!.id).toMatch(/^course_/);
  });

  test.each([
    ['an empty title', { title: '  ' }, ['input', 'title'], 'INVALID'],
    ['a long title', { title: 'x'.repeat(201) }, ['input', 'title'], 'INVALID'],
    ['a character that can not be kept', { title: 'a\0b' }, ['input', 'title'], 'INVALID'],
    ['half a character in its title', { title: 'a\ud800b' }, ['input', 'title'], 'INVALID'],
    ['a control character in its title', { title: 'a\u0001b' }, ['input', 'title'], 'INVALID'],
    ['a line break in its title', { title: 'a\nb' }, ['input', 'title'], 'INVALID'],
    ['half a character in its summary', { title: 'X', summary: '\udc00' }, ['input', 'summary'], 'INVALID'],
    [
      'a control character in its summary',
      { title: 'X', summary: '\u009b' },
      ['input', 'summary'],
      'INVALID',
    ],
    ['a slug of other characters', { title: 'X', slug: 'Not a slug' }, ['input', 'slug'], 'INVALID'],
    ['a title that makes no slug', { title: '日本語' }, ['input', 'slug'], 'INVALID'],
    ['a long summary', { title: 'X', summary: 'x'.repeat(5_001) }, ['input', 'summary'], 'INVALID'],
  ])('with %s names the field', async (_case, input, field, code) => {
    const { course, userErrors } = await run(school.author, 'courseCreate', input);
    expect(course).toBeNull();
    expect(userErrors).toMatchObject([{ field, code }]);
  });

  test('by several authors at once under one slug makes one course', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => run(school.author, 'courseCreate', { title: 'Race', slug: 'race' })),
    );
    const outcomes = answers.map(({ userErrors }) => userErrors[0]?.code ?? 'created').sort();
    expect(outcomes).toEqual([...Array<string>(5).fill('SLUG_TAKEN'), 'created']);
  });

  test('under a slug of another organisation is fine', async () => {
    const other = await catalog.school();
    const input = { title: 'Shared', slug: 'shared' };
    await run(school.author, 'courseCreate', input);
    expect((await run(other.author, 'courseCreate', input)).userErrors).toEqual([]);
  });
});

describe('changing a course', () => {
  test('writes what is given, keeps the rest, and counts the revision up', async () => {
    const course = await writeCourse(school.author, { title: 'Before', summary: 'As it was' });
    const { course: changed } = await run(school.author, 'courseUpdate', {
      id: course.id,
      revision: course.revision,
      changes: { title: 'After' },
    });
    expect(changed).toMatchObject({
      title: 'After',
      summary: 'As it was',
      slug: 'before',
      revision: course.revision + 1,
    });
  });

  test('of two writers who read the same revision, the second is told to read again', async () => {
    const { id, revision } = await writeCourse(school.author, { title: 'Contended' });
    const answers = await Promise.all(
      ['One', 'Two', 'Three'].map((title) =>
        run(school.author, 'courseUpdate', { id, revision, changes: { title } }),
      ),
    );
    const conflicts = answers.flatMap(({ userErrors }) => userErrors);
    expect(conflicts).toHaveLength(2);
    expect(conflicts).toMatchObject([
      { field: ['input', 'revision'], code: 'CONFLICT' },
      { field: ['input', 'revision'], code: 'CONFLICT' },
    ]);
    expect((await readCourse(school.author, id)).revision).toBe(revision + 1);
  });

  test('to a slug that is taken names the field and changes nothing', async () => {
    await writeCourse(school.author, { title: 'Holder', slug: 'held' });
    const { id, revision } = await writeCourse(school.author, { title: 'Wanter' });
    const { course, userErrors } = await run(school.author, 'courseUpdate', {
      id,
      changes: { title: 'Winner', slug: 'held' },
    });
    expect(course).toBeNull();
    expect(userErrors).toMatchObject([{ field: ['input', 'changes', 'slug'], code: 'SLUG_TAKEN' }]);
    expect(await readCourse(school.author, id)).toMatchObject({ title: 'Wanter', revision });
  });

  test('that does not exist is NOT_FOUND', async () => {
    const { userErrors } = await run(school.author, 'courseUpdate', { id: newId('course'), changes: {} });
    expect(userErrors).toMatchObject([{ field: ['input', 'id'], code: 'NOT_FOUND' }]);
  });
});

describe('the life of a course', () => {
  test('it is published only with an item, and not twice', async () => {
    const { course } = await run(school.author, 'courseCreate', { title: 'Hollow' });
    const { id } = course!;
    await run(school.author, 'moduleCreate', { courseId: id, title: 'Nothing in it' });
    const refused = await run(school.author, 'coursePublish', { id });
    expect(refused).toMatchObject({ course: null, userErrors: [{ code: 'COURSE_EMPTY' }] });

    const full = await publishedCourse(school.author, { title: 'Full' });
    expect(full).toMatchObject({ status: 'PUBLISHED', archivedAt: null });
    const again = await run(school.author, 'coursePublish', { id: full.id });
    expect(again.course).toEqual(full);
  });

  test('once archived it is not changed, until it is published again', async () => {
    const published = await publishedCourse(school.author, { title: 'Perennial' });
    const { id } = published;
    const { course: archived } = await run(school.author, 'courseArchive', { id });
    expect(archived).toMatchObject({ status: 'ARCHIVED', revision: published.revision + 1 });
    const edit = { id, changes: { title: 'Changed' } };
    expect(await run(school.author, 'courseUpdate', edit)).toMatchObject({
      course: null,
      userErrors: [{ code: 'COURSE_ARCHIVED' }],
    });
    const { course: back } = await run(school.author, 'coursePublish', { id });
    expect(back).toMatchObject({ status: 'PUBLISHED', archivedAt: null });
    expect((await run(school.author, 'courseUpdate', edit)).userErrors).toEqual([]);
  });

  test('a step based on an old revision is a CONFLICT', async () => {
    const { id, revision } = await writeCourse(school.author, { title: 'Stepwise' });
    const { userErrors } = await run(school.author, 'coursePublish', { id, revision: revision - 1 });
    expect(userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  });
});
