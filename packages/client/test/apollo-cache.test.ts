import { describe, expect, test } from '@jest/globals';
import { createLyceumCache } from '../src/apollo/index.ts';
import { CatalogueDocument, ProgressOfDocument, WhoAmIDocument, type CatalogueQuery } from '../src/index.ts';

const page = (slugs: readonly string[], hasNextPage: boolean, hasPreviousPage = false) =>
  ({
    courses: {
      __typename: 'CourseConnection',
      nodes: slugs.map((slug) => ({
        __typename: 'Course',
        id: `course_${slug}`,
        title: slug,
        slug,
        summary: '',
        language: 'en',
        myEnrolment: null,
        myProgress: null,
      })),
      pageInfo: {
        __typename: 'PageInfo',
        startCursor: slugs[0] ?? null,
        endCursor: slugs.at(-1) ?? null,
        hasNextPage,
        hasPreviousPage,
      },
    },
  }) satisfies CatalogueQuery;

function written(...pages: readonly { variables: object; data: CatalogueQuery }[]) {
  const cache = createLyceumCache();
  for (const { variables, data } of pages)
    cache.writeQuery({ query: CatalogueDocument, variables: { first: 2, ...variables }, data });
  return cache.readQuery({ query: CatalogueDocument, variables: { first: 2 } })?.courses;
}

const slugsOf = (courses: CatalogueQuery['courses'] | undefined) => courses?.nodes.map(({ slug }) => slug);

describe('pages of a list', () => {
  test('are joined behind each other, and the list goes on behind the last', () => {
    const courses = written(
      { variables: {}, data: page(['a', 'b'], true) },
      { variables: { after: 'b' }, data: page(['c', 'd'], true, true) },
      { variables: { after: 'd' }, data: page(['e'], false, true) },
    );
    expect(slugsOf(courses)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(courses?.pageInfo).toMatchObject({
      startCursor: 'a',
      endCursor: 'e',
      hasNextPage: false,
      hasPreviousPage: false,
    });
  });

  test('that overlap, or came twice, have each object once', () => {
    const second = { variables: { after: 'b' }, data: page(['b', 'c'], false, true) };
    const courses = written({ variables: {}, data: page(['a', 'b'], true) }, second, second);
    expect(slugsOf(courses)).toEqual(['a', 'b', 'c']);
  });

  test('begin anew with the first', () => {
    const courses = written(
      { variables: {}, data: page(['a', 'b'], true) },
      { variables: { after: 'b' }, data: page(['c'], false, true) },
      { variables: {}, data: page(['z', 'a'], true) },
    );
    expect(slugsOf(courses)).toEqual(['z', 'a']);
    expect(courses?.pageInfo).toMatchObject({ endCursor: 'a', hasNextPage: true });
  });

  test('of another search are another list', () => {
    const courses = written(
      { variables: {}, data: page(['a'], false) },
      { variables: { search: 'x' }, data: page(['x'], false) },
    );
    expect(slugsOf(courses)).toEqual(['a']);
  });
});

describe('objects', () => {
  test('are known by their id, wherever they were asked for', () => {
    const cache = createLyceumCache();
    const progress = {
      __typename: 'CourseProgress' as const,
      id: 'progress_1',
      status: 'STARTED' as const,
      percent: 10,
      completedItems: 1,
      requiredItems: 10,
      startedAt: null,
      completedAt: null,
      updatedAt: '2026-11-28T10:00:00.000Z',
      course: { __typename: 'Course' as const, id: 'course_a' },
    };
    const ask = { query: ProgressOfDocument, variables: { courseId: 'course_a' } };
    cache.writeQuery({ ...ask, data: { progress } });
    expect(Object.keys(cache.extract())).toEqual(
      expect.arrayContaining(['CourseProgress:{"id":"progress_1"}', 'Course:{"id":"course_a"}']),
    );
  });

  test('of which there is one are one, whatever of them was asked for', () => {
    const cache = createLyceumCache();
    const viewer = {
      __typename: 'Viewer' as const,
      user: {
        __typename: 'User' as const,
        id: 'user_a',
        name: 'Ada',
        avatarUrl: null,
        locale: null,
        timeZone: null,
      },
      organisation: { __typename: 'Organisation' as const, id: 'organisation_a', name: 'A', slug: 'a' },
      roles: ['LEARNER' as const],
      permissions: [],
    };
    cache.writeQuery({ query: WhoAmIDocument, data: { viewer } });
    expect(Object.keys(cache.extract())).toContain('Viewer:{}');
  });
});
