import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { runCatalog, type RunningCatalog, type School } from './kit/catalog.ts';
import { publishedCourse, readCourse, writeCourse } from './kit/courses.ts';
import { run, type CourseAnswer } from './kit/operations.ts';

let catalog: RunningCatalog;
let school: School;

beforeAll(async () => {
  catalog = await runCatalog();
  school = await catalog.school();
});
afterAll(() => catalog.stop());

const titles = (course: CourseAnswer) => course.modules.map(({ items }) => items.map(({ title }) => title));
const places = (rows: readonly { position: number }[]) => rows.map(({ position }) => position);
const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

describe('modules', () => {
  test('are added at the end, deleted with their items, and close the gap', async () => {
    const course = await writeCourse(school.author, { title: 'Three parts' }, [['a'], ['b'], ['c']]);
    expect(places(course.modules)).toEqual([0, 1, 2]);
    const { course: after } = await run(school.author, 'moduleDelete', { id: course.modules[1]!.id });
    expect(titles(after!)).toEqual([['a'], ['c']]);
    expect(places(after!.modules)).toEqual([0, 1]);
    expect(after!.revision).toBe(course.revision + 1);
  });

  test('are put into a new order as a whole', async () => {
    const { id, modules } = await writeCourse(school.author, { title: 'Shuffled' }, [['a'], ['b'], ['c']]);
    const [a, b, c] = ids(modules);
    const { course } = await run(school.author, 'modulesReorder', { courseId: id, moduleIds: [c, a, b] });
    expect(titles(course!)).toEqual([['c'], ['a'], ['b']]);
  });

  test('keep their order where the new one is not whole', async () => {
    const { id, modules, revision } = await writeCourse(school.author, { title: 'Kept' }, [['a'], ['b']]);
    const [a, b] = ids(modules);
    const orders = [[a], [a, a], [a, newId('module')], [a, b, b], []];
    for (const moduleIds of orders) {
      const { userErrors } = await run(school.author, 'modulesReorder', { courseId: id, moduleIds });
      expect(userErrors).toMatchObject([{ field: ['input', 'moduleIds'], code: 'ORDER_INCOMPLETE' }]);
    }
    expect(await readCourse(school.author, id)).toMatchObject({ revision, modules: [{ id: a }, { id: b }] });
  });

  test('are renamed, unless the course was changed meanwhile', async () => {
    const { modules, revision } = await writeCourse(school.author, { title: 'Renaming' });
    const id = modules[0]!.id;
    const rename = { id, revision, changes: { title: 'New name' } };
    expect(await run(school.author, 'moduleUpdate', rename)).toMatchObject({ module: { title: 'New name' } });
    expect((await run(school.author, 'moduleUpdate', rename)).userErrors).toMatchObject([
      { code: 'CONFLICT' },
    ]);
  });

  test('are 100 in a course and no more', async () => {
    const course = await writeCourse(school.author, { title: 'Endless' }, []);
    const create = () => run(school.author, 'moduleCreate', { courseId: course.id, title: 'More' });
    for (let made = 0; made < 100; made += 1) await create();
    expect((await create()).userErrors).toMatchObject([{ code: 'TOO_MANY' }]);
  });

  test('added by several authors at once each get a place of their own', async () => {
    const course = await writeCourse(school.author, { title: 'Crowded' }, []);
    await Promise.all(
      Array.from({ length: 8 }, () =>
        run(school.author, 'moduleCreate', { courseId: course.id, title: 'One' }),
      ),
    );
    expect(places((await readCourse(school.author, course.id)).modules)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('content items', () => {
  let moduleId: string;
  beforeAll(async () => {
    const course = await writeCourse(school.author, { title: 'Of every kind' }, [[]]);
    moduleId = course.modules[0]!.id;
  });
  const create = (input: object) =>
    run(school.author, 'contentItemCreate', { moduleId, title: 'Something', ...input });

  test('hold what their type has', async () => {
    const assessmentId = newId('assessment');
    await create({ type: 'PAGE', body: '# Hello\r\n\n\tworld' });
    await create({ type: 'VIDEO', url: 'https://videos.example/1' });
    await create({ type: 'QUIZ', assessmentId, required: false });
    const { data } = await school.author<{ _entities: object[] }>(
      `query ($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on Module { items { type body url required assessment { id } position } } } }`,
      { representations: [{ __typename: 'Module', id: moduleId }] },
    );
    expect(data._entities).toEqual([
      {
        items: [
          {
            type: 'PAGE',
            body: '# Hello\r\n\n\tworld',
            url: null,
            required: true,
            assessment: null,
            position: 0,
          },
          {
            type: 'VIDEO',
            body: null,
            url: 'https://videos.example/1',
            required: true,
            assessment: null,
            position: 1,
          },
          {
            type: 'QUIZ',
            body: null,
            url: null,
            required: false,
            assessment: { id: assessmentId },
            position: 2,
          },
        ],
      },
    ]);
  });

  test.each([
    ['a page without a text', { type: 'PAGE' }, ['input', 'body']],
    ['a page with an address', { type: 'PAGE', body: '', url: 'https://a.example' }, ['input', 'url']],
    ['a video without an address', { type: 'VIDEO' }, ['input', 'url']],
    [
      'an address that would run as a script',
      { type: 'EXTERNAL', url: 'javascript:alert(1)' },
      ['input', 'url'],
    ],
    ['a quiz without an assessment', { type: 'QUIZ' }, ['input', 'assessmentId']],
    [
      'a quiz with the id of something else',
      { type: 'QUIZ', assessmentId: 'course_x' },
      ['input', 'assessmentId'],
    ],
    ['an empty title', { title: '', type: 'PAGE', body: '' }, ['input', 'title']],
    ['a control character in a title', { title: 'a\u001bb', type: 'PAGE', body: '' }, ['input', 'title']],
    ['a control character in a text', { type: 'PAGE', body: 'a\u001bb' }, ['input', 'body']],
    ['half a character in a text', { type: 'PAGE', body: 'a\ud800b' }, ['input', 'body']],
    ['half a character in an address', { type: 'VIDEO', url: 'https://a.example/\ud800' }, ['input', 'url']],
  ])('are refused where they are %s', async (_case, input, field) => {
    expect(await create(input)).toMatchObject({
      contentItem: null,
      userErrors: [{ field, code: 'INVALID' }],
    });
  });

  test('are changed within their type', async () => {
    const { contentItem } = await create({ type: 'DOCUMENT', url: 'https://old.example/' });
    const { id } = contentItem!;
    const changes = { title: 'Newer', url: 'https://new.example/', required: false };
    expect(await run(school.author, 'contentItemUpdate', { id, changes })).toMatchObject({
      contentItem: { title: 'Newer', url: 'https://new.example/', required: false },
      userErrors: [],
    });
    const foreign = await run(school.author, 'contentItemUpdate', { id, changes: { body: 'text' } });
    expect(foreign.userErrors).toMatchObject([{ field: ['input', 'changes', 'body'], code: 'INVALID' }]);
  });

  test('are put into a new order as a whole, and close the gap when one goes', async () => {
    const { modules } = await writeCourse(school.author, { title: 'Ordered items' }, [['a', 'b', 'c']]);
    const [first] = modules;
    const [a, b, c] = ids(first!.items);
    const reorder = (itemIds: unknown[]) =>
      run(school.author, 'contentItemsReorder', { moduleId: first!.id, itemIds });
    expect((await reorder([c, b])).userErrors).toMatchObject([
      { field: ['input', 'itemIds'], code: 'ORDER_INCOMPLETE' },
    ]);
    expect(ids((await reorder([c, b, a])).module!.items)).toEqual([c, b, a]);
    const { module } = await run(school.author, 'contentItemDelete', { id: b });
    expect(module!.items).toMatchObject([
      { id: c, position: 0 },
      { id: a, position: 1 },
    ]);
  });

  test('of a published course are never all deleted', async () => {
    const course = await publishedCourse(school.author, { title: 'Kept alive' });
    const [module] = course.modules;
    const item = await run(school.author, 'contentItemDelete', { id: module!.items[0]!.id });
    expect(item).toMatchObject({ module: null, userErrors: [{ code: 'COURSE_EMPTY' }] });
    const whole = await run(school.author, 'moduleDelete', { id: module!.id });
    expect(whole.userErrors).toMatchObject([{ code: 'COURSE_EMPTY' }]);
    expect(await readCourse(school.learner, course.id)).toEqual(course);
  });
});
