import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEventLog, parseDomainEvent, type DomainEvent, type EventLog } from '@lyceum/events';
import { createLogger } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import { join } from 'node:path';
import { runCatalog, type RunningCatalog, type School } from './kit/catalog.ts';
import { writeCourse } from './kit/courses.ts';
import { run } from './kit/operations.ts';

let catalog: RunningCatalog;
let school: School;
let log: EventLog;
const heard: DomainEvent[] = [];

beforeAll(async () => {
  catalog = await runCatalog();
  school = await catalog.school();
  log = await createEventLog({
    directory: join(catalog.dataDirectory, 'log'),
    clientId: 'test',
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  await log.consume({
    topics: ['catalog.events'],
    group: 'test',
    handle: async ({ records }) => {
      for (const record of records) {
        const event = parseDomainEvent(record);
        if (event) heard.push(event);
      }
    },
  });
});
afterAll(async () => {
  await log.close();
  await catalog.stop();
});

const eventsOf = (subject: string) => heard.filter((event) => event.subject === subject);

test('every change of a course is told once, in order, with the whole course', async () => {
  const course = await writeCourse(school.author, { title: 'Told', slug: 'told' }, [['a', 'b']]);
  const { id } = course;
  const [module] = course.modules;
  await run(school.author, 'coursePublish', { id });
  await run(school.author, 'coursePublish', { id });
  await run(school.author, 'contentItemDelete', { id: module!.items[0]!.id });
  await run(school.author, 'courseArchive', { id });

  const events = await eventually(() => {
    expect(eventsOf(id)).toHaveLength(7);
    return eventsOf(id);
  });
  expect(events.map(({ type }) => type)).toEqual([
    'course.created',
    'course.updated',
    'course.updated',
    'course.updated',
    'course.published',
    'course.updated',
    'course.archived',
  ]);
  expect(events.map(({ data }) => (data as { course: { revision: number } }).course.revision)).toEqual([
    1, 2, 3, 4, 5, 6, 7,
  ]);
  expect(events[5]).toMatchObject({
    source: 'lyceum/catalog',
    organisation: school.organisationId,
    data: {
      course: {
        id,
        organisationId: school.organisationId,
        title: 'Told',
        slug: 'told',
        status: 'PUBLISHED',
        modules: [
          {
            id: module!.id,
            position: 0,
            items: [
              {
                id: module!.items[1]!.id,
                title: 'b',
                type: 'PAGE',
                position: 0,
                required: true,
                assessmentId: null,
              },
            ],
          },
        ],
      },
    },
  });
});

test('a change that is refused is not told', async () => {
  const { id, revision } = await writeCourse(school.author, { title: 'Untold' }, []);
  await run(school.author, 'coursePublish', { id });
  await run(school.author, 'courseUpdate', { id, revision: 99, changes: { title: 'No' } });
  await run(school.author, 'modulesReorder', { courseId: id, moduleIds: ['module_x'] });
  const { course } = await run(school.author, 'courseUpdate', { id, changes: { title: 'Yes' } });
  expect(course!.revision).toBe(revision + 1);
  await eventually(() => {
    expect(eventsOf(id).map(({ type }) => type)).toEqual(['course.created', 'course.updated']);
  });
});

test('an event carries the id of the request that caused it', async () => {
  const { id } = await writeCourse(school.author, { title: 'Traced' }, []);
  const [created] = await eventually(() => {
    expect(eventsOf(id)).toHaveLength(1);
    return eventsOf(id);
  });
  expect(created!.requestid).toMatch(/^[0-9a-f-]{36}$/);
});
