import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import type { GraphQLClient } from '@lyceum/testing';
import { runCatalog, type RunningCatalog, type School } from './kit/catalog.ts';
import { publishedCourse, writeCourse } from './kit/courses.ts';
import { run } from './kit/operations.ts';

let catalog: RunningCatalog;
let school: School;

interface Found {
  courses: {
    nodes: { title: string }[];
    edges: { cursor: string }[];
    totalCount: number;
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  };
}
const courses = `query ($filter: CourseFilter, $orderBy: CourseOrder, $first: Int, $after: String, $last: Int, $before: String) {
  courses(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    nodes { title } edges { cursor } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

async function list(client: GraphQLClient, variables: Record<string, unknown> = {}) {
  const { data, errors } = await client<Found>(courses, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return { ...data.courses, titles: data.courses.nodes.map(({ title }) => title) };
}

beforeAll(async () => {
  catalog = await runCatalog();
  school = await catalog.school();
  const texts = [
    { title: 'bread for beginners', summary: 'Flour, water and salt.' },
    { title: 'Äpfel und Birnen', slug: 'apples', summary: 'An orchard through the year.' },
    { title: 'Bread, advanced', summary: 'Sourdough: a starter, patience, an oven.' },
    { title: 'Zymurgy', summary: "A brewer's science; it begins with yeast." },
  ];
  for (const text of texts) await publishedCourse(school.author, text);
  await writeCourse(school.author, { title: 'Drafted', summary: 'Not yet bread.' });
  const { id } = await publishedCourse(school.author, { title: 'Gone by' });
  await run(school.author, 'courseArchive', { id });
  const { id: discarded } = await writeCourse(school.author, { title: 'Never published' });
  await run(school.author, 'courseArchive', { id: discarded });
});
afterAll(() => catalog.stop());

const published = ['Äpfel und Birnen', 'bread for beginners', 'Bread, advanced', 'Zymurgy'];

describe('the list of courses', () => {
  test('shows readers what is published, by title as people sort it', async () => {
    for (const role of ['LEARNER', 'INSTRUCTOR'] as const) {
      const found = await list(await school.member(role));
      expect(found.titles).toEqual(published);
      expect(found.totalCount).toBe(4);
    }
  });

  test('shows those who may edit also drafts and archived courses', async () => {
    for (const role of ['ADMIN', 'AUTHOR'] as const) {
      const client = await school.member(role);
      expect((await list(client)).totalCount).toBe(7);
      expect((await list(client, { filter: { status: 'DRAFT' } })).titles).toEqual(['Drafted']);
      expect((await list(client, { filter: { status: 'ARCHIVED' } })).titles).toEqual([
        'Gone by',
        'Never published',
      ]);
    }
  });

  test('shows readers no other state, even when they ask for it', async () => {
    expect((await list(school.learner, { filter: { status: 'DRAFT' } })).titles).toEqual([]);
    expect((await list(school.learner, { filter: { status: 'ARCHIVED' } })).titles).toEqual([]);
  });

  test.each([
    ['TITLE', 'ASC'],
    ['TITLE', 'DESC'],
    ['CREATED_AT', 'ASC'],
    ['CREATED_AT', 'DESC'],
    ['UPDATED_AT', 'DESC'],
  ])('is walked by %s %s page by page, there and back', async (field, direction) => {
    const orderBy = { field, direction };
    const whole = (await list(school.author, { orderBy, first: 100 })).titles;
    const there: string[] = [];
    let page = await list(school.author, { orderBy, first: 3 });
    there.push(...page.titles);
    while (page.pageInfo.hasNextPage) {
      page = await list(school.author, { orderBy, first: 3, after: page.pageInfo.endCursor });
      there.push(...page.titles);
    }
    expect(there).toEqual(whole);
    const back = await list(school.author, { orderBy, last: 5, before: page.pageInfo.endCursor });
    expect(back.titles).toEqual(whole.slice(1, 6));
    expect(back.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: true });
  });

  test('refuses the cursor of another order', async () => {
    const { pageInfo } = await list(school.learner, { first: 1 });
    const { errors } = await school.learner(courses, {
      after: pageInfo.endCursor,
      orderBy: { field: 'CREATED_AT', direction: 'ASC' },
    });
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['after'] } }]);
  });

  test.each([
    '2000',
    '1 (x)',
    '+012345-01-01T00:00:00.000Z',
    '0000-01-01T00:00:00.000Z',
    '2026-02-30T00:00:00.000Z',
    '2026-01-01T24:00:00.000Z',
    '2026-01-01T00:00:00Z',
    'x',
  ])('refuses a cursor that holds %j where an instant belongs', async (value) => {
    const key = ['CREATED_AT', value, newId('course')];
    const { errors } = await school.learner(courses, {
      after: Buffer.from(JSON.stringify(key)).toString('base64url'),
      orderBy: { field: 'CREATED_AT', direction: 'ASC' },
    });
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['after'] } }]);
  });

  test('holds 100 at most a page', async () => {
    const { errors } = await school.learner(courses, { first: 101 });
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['first'] } }]);
  });
});

describe('the search', () => {
  test.each([
    ['bread', ['bread for beginners', 'Bread, advanced']],
    ['BREAD begin', ['bread for beginners']],
    ['sourd', ['Bread, advanced']],
    ['yeast', ['Zymurgy']],
    ['bread -sourdough', ['bread for beginners']],
    ['"water and salt"', ['bread for beginners']],
    ['-"water and salt"', ['Äpfel und Birnen', 'Bread, advanced', 'Zymurgy']],
    ['orchard or yeast', ['Äpfel und Birnen', 'Zymurgy']],
    ['nothing like it', []],
    ["o'clock & | ! ( :* \\ ' \"", []],
    ['  ', published],
  ])('for %j finds %j', async (search, expected) => {
    expect((await list(school.learner, { filter: { search } })).titles).toEqual(expected);
  });

  test.each(['\0', '\ud800', 'x'.repeat(201)])('for %j is INVALID', async (search) => {
    const { errors } = await school.learner(courses, { filter: { search } });
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['filter', 'search'] } }]);
  });

  test('does not betray a draft', async () => {
    expect((await list(school.learner, { filter: { search: 'not yet' } })).totalCount).toBe(0);
    expect((await list(school.author, { filter: { search: 'not yet' } })).titles).toEqual(['Drafted']);
  });
});

describe('one course', () => {
  const byId = 'query ($id: ID!) { course(id: $id) { title status } }';
  const bySlug = 'query ($slug: String!) { courseBySlug(slug: $slug) { id title } }';
  const idOf = async (slug: string) =>
    (await school.author<{ courseBySlug: { id: string } }>(bySlug, { slug })).data.courseBySlug.id;

  test('that is a draft is NOT_FOUND to readers, and found by those who may edit', async () => {
    const id = await idOf('drafted');
    for (const role of ['LEARNER', 'INSTRUCTOR'] as const) {
      const { errors } = await (await school.member(role))(byId, { id });
      expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    }
    expect((await (await school.member('ADMIN'))(byId, { id })).data).toMatchObject({
      course: { title: 'Drafted' },
    });
    expect((await school.learner(bySlug, { slug: 'drafted' })).data).toEqual({ courseBySlug: null });
  });

  test('that was published stays readable by id when it is archived; one that never was does not', async () => {
    const gone = await school.learner(byId, { id: await idOf('gone-by') });
    expect(gone.data).toMatchObject({ course: { title: 'Gone by', status: 'ARCHIVED' } });
    const { errors } = await school.learner(byId, { id: await idOf('never-published') });
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  });

  test.each([newId('course'), newId('module'), 'nonsense', '\0'])('by the id %j is NOT_FOUND', async (id) => {
    const { errors } = await school.author(byId, { id });
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  });

  test.each(['nobody', 'No slug', '\0'])('by the slug %j, which no course has, is null', async (slug) => {
    expect((await school.author(bySlug, { slug })).data).toEqual({ courseBySlug: null });
  });
});
