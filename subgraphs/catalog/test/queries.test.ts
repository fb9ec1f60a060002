import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sentStatements } from '@lyceum/testing';
import { runCatalog, type RunningCatalog, type School } from './kit/catalog.ts';
import { publishedCourse } from './kit/courses.ts';
import { type CourseAnswer } from './kit/operations.ts';

let catalog: RunningCatalog;
let school: School;
const written: CourseAnswer[] = [];

beforeAll(async () => {
  catalog = await runCatalog();
  school = await catalog.school();
  for (let number = 0; number < 5; number += 1) {
    written.push(
      await publishedCourse(school.author, { title: `Course ${number}` }, [
        ['a', 'b'],
        ['c', 'd'],
      ]),
    );
  }
});
afterAll(() => catalog.stop());

/** The SQL that reads the catalog's tables while `work` runs. */
async function queriesOf(work: () => Promise<unknown>): Promise<string[]> {
  const sent = await sentStatements(work);
  return sent.filter((text) => /FROM\s+\S*\b(course|module|content_item)\b/.test(text));
}

describe('the number of queries', () => {
  test('for a page of courses with modules and items is one a level', async () => {
    const queries = await queriesOf(async () => {
      const { data } = await school.learner<{ courses: { nodes: { modules: { items: object[] }[] }[] } }>(
        '{ courses(first: 5) { nodes { title modules { title items { title activityIri } } } } }',
      );
      const items = data.courses.nodes.flatMap(({ modules }) => modules.flatMap((module) => module.items));
      expect(items).toHaveLength(20);
    });
    expect(queries).toHaveLength(3);
  });

  test('is the same for five courses as for one', async () => {
    const query =
      'query ($n: Int) { courses(first: $n) { nodes { modules { items { title } } } totalCount } }';
    const one = await queriesOf(() => school.learner(query, { n: 1 }));
    const five = await queriesOf(() => school.learner(query, { n: 5 }));
    expect(five).toHaveLength(one.length);
    expect(one).toHaveLength(4);
  });

  test('for many entities, with their way up, is one a type and level', async () => {
    const representations = written.flatMap(({ modules }) =>
      modules.flatMap(({ items }) => items.map(({ id }) => ({ __typename: 'ContentItem', id }))),
    );
    const queries = await queriesOf(() =>
      school.learner(
        `query ($representations: [_Any!]!) {
          _entities(representations: $representations) { ... on ContentItem { title course { title } } }
        }`,
        { representations },
      ),
    );
    // The items, the courses that decide who sees them, and the courses that were asked for.
    expect(queries).toHaveLength(3);
  });
});
