import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEventLog, type EventLog } from '@lyceum/events';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { createLogger, newId } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import { join } from 'node:path';
import pg from 'pg';
import { checkedTitle } from '../src/domain/checked-text.ts';
import { runCatalog, type RunningCatalog, type School } from './kit/catalog.ts';
import { writeCourse } from './kit/courses.ts';
import { run } from './kit/operations.ts';

let catalog: RunningCatalog;
let school: School;
let log: EventLog;

beforeAll(async () => {
  catalog = await runCatalog();
  school = await catalog.school();
  log = await createEventLog({
    directory: join(catalog.dataDirectory, 'log'),
    clientId: 'test',
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
});
afterAll(async () => {
  await log.close();
  await catalog.stop();
});

/** What the log takes as one record (packages/events). */
const mostBytes = 8 * 2 ** 20;
/** Three bytes a character: no title of 200 characters is longer in JSON. */
const longestTitle = '€'.repeat(200);

test('no character of a title is more than three bytes of an event', () => {
  for (let unit = 0; unit <= 0xffff; unit += 1) {
    const title = `a${String.fromCharCode(unit)}b`;
    try {
      checkedTitle([], title);
    } catch {
      continue;
    }
    expect(Buffer.byteLength(JSON.stringify(title))).toBeLessThanOrEqual('"ab"'.length + 3);
  }
});

/** 100 modules, among them so many quizzes; written past the API, which would tell of each. Answers the module ids. */
async function fill(courseId: string, items: number): Promise<string[]> {
  const client = new pg.Client({ connectionString: serviceDatabaseUrl(catalog.databaseUrl, 'catalog') });
  await client.connect();
  const modules = Array.from({ length: 100 }, () => newId('module'));
  for (const [position, id] of modules.entries()) {
    await client.query(
      'INSERT INTO module (id, organisation_id, course_id, title, position) VALUES ($1, $2, $3, $4, $5)',
      [id, school.organisationId, courseId, longestTitle, position],
    );
  }
  for (let made = 0; made < items; made += 1) {
    await client.query(
      `INSERT INTO content_item
         (id, organisation_id, course_id, module_id, title, type, position, required, assessment_id)
       VALUES ($1, $2, $3, $4, $5, 'QUIZ', $6, true, $7)`,
      [
        newId('item'),
        school.organisationId,
        courseId,
        modules[made % modules.length],
        longestTitle,
        Math.floor(made / modules.length),
        newId('assessment'),
      ],
    );
  }
  await client.end();
  return modules;
}

test('a course holds 500 items, and the event of the largest one is a tenth of what the log takes', async () => {
  const sizes: number[] = [];
  const { id: courseId } = await writeCourse(
    school.author,
    { title: longestTitle, slug: 'x'.repeat(100) },
    [],
  );
  const modules = await fill(courseId, 499);
  const add = (moduleId: string) =>
    run(school.author, 'contentItemCreate', {
      moduleId,
      title: longestTitle,
      type: 'QUIZ',
      assessmentId: newId('assessment'),
    });
  expect((await add(modules[99]!)).userErrors).toEqual([]);
  expect((await add(modules[0]!)).userErrors).toMatchObject([{ code: 'TOO_MANY' }]);
  await log.consume({
    topics: ['catalog.events'],
    group: 'test',
    handle: async ({ records }) => {
      sizes.push(...records.map(({ value }) => value.length));
    },
  });
  await eventually(() => {
    expect(sizes).toHaveLength(2);
  });
  expect(Math.max(...sizes)).toBeGreaterThan(500 * 600);
  expect(Math.max(...sizes)).toBeLessThan(mostBytes / 10);
});
