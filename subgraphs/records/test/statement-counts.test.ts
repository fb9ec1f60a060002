import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { statementFor, verbs, type Statement } from '@lyceum/xapi';
import { publicUrl } from './kit/clickhouse.ts';
import {
  runRecords,
  type CourseState,
  type Person,
  type RunningRecords,
  type School,
} from './kit/records.ts';

let records: RunningRecords;
let school: School;
let instructor: Person;
const start = Date.parse('2026-11-20T10:00:00.000Z');
const at = (minute: number) => new Date(start + minute * 60_000);

const [ama, ben] = [newId('user'), newId('user')];
const page = { id: newId('item'), title: 'Page', type: 'PAGE' as const, position: 0, required: true };
const course: CourseState = {
  ...{ id: newId('course'), organisationId: '', title: 'Counted', slug: 'counted', revision: 1 },
  status: 'PUBLISHED',
  modules: [{ id: newId('module'), title: 'One', position: 0, items: [{ ...page, assessmentId: null }] }],
};
const elsewhere = newId('item');

const did = (userId: string, id: string, verb: 'completed' | 'experienced' = 'experienced'): Statement =>
  statementFor({ publicUrl, userId, verb, activity: { id } });

const strangers: Statement[] = [
  { ...did(ama, elsewhere), actor: { mbox: 'mailto:cleo@example.org' } },
  // Ama, named by a tool that writes the home page with a slash.
  { ...did(ama, elsewhere), actor: { account: { homePage: `${publicUrl}/`, name: ama } } },
  // A statement about a person is about no activity.
  { ...did(ben, elsewhere), object: { objectType: 'Agent', mbox: 'mailto:cleo@example.org' } },
];

beforeAll(async () => {
  records = await runRecords();
  school = records.school();
  instructor = await school.person('INSTRUCTOR');
  await school.tell({ ...course, organisationId: school.organisationId });
  await records.settled();
  await school.store([did(ama, page.id), did(ama, page.id, 'completed'), did(ben, course.id)], at(0));
  await school.store([did(ben, page.id)], at(2));
  await school.store(strangers, at(61));
  await records.school().store([did(ama, page.id)], at(0));
}, 60_000);
afterAll(() => records.stop());

interface Counts {
  since: string;
  until: string;
  total: number;
  actors: number;
  series: { start: string; statements: number }[];
  byVerb: { verb: { iri: string }; statements: number }[];
  byActivity: { activity: { iri: string; contentItem: { id: string } | null }; statements: number }[];
  byActor: { actor: { mbox: string | null; user: { id: string } | null }; statements: number }[];
  byCourse: { course: { id: string }; statements: number }[];
}

/** Where there are errors in its place. */
const nothing: Counts = {
  ...{ since: '', until: '', total: NaN, actors: NaN },
  ...{ series: [], byVerb: [], byActivity: [], byActor: [], byCourse: [] },
};

async function counts({ ask }: Person, fields: string, variables: object = {}) {
  const by = fields.includes('$by') ? ', $by: ActivityGranularity = HOUR' : '';
  const { data, errors } = await ask<{ statementCounts: Counts } | null>(
    `query ($filter: StatementCountFilter, $since: DateTime!, $until: DateTime${by}) {
      statementCounts(filter: $filter, since: $since, until: $until) { ${fields} }
    }`,
    { since: at(0), until: at(120), ...variables },
  );
  return { errors, counts: data?.statementCounts ?? nothing };
}

const series = 'series(granularity: $by) { start statements }';

describe('statements of an organisation are counted', () => {
  test('by minute, with empty minutes', async () => {
    const found = await counts(instructor, series, { by: 'MINUTE', until: at(3) });
    expect(found.counts.series).toEqual([
      { start: at(0).toISOString(), statements: 3 },
      { start: at(1).toISOString(), statements: 0 },
      { start: at(2).toISOString(), statements: 1 },
    ]);
  });

  test('by hour and by day, and in all', async () => {
    const hours = await counts(instructor, `total ${series}`);
    expect(hours.counts).toMatchObject({ total: 7, series: [{ statements: 4 }, { statements: 3 }] });
    const days = await counts(instructor, series, { by: 'DAY', since: at(-24 * 60) });
    expect(days.counts.series).toEqual([
      { start: '2026-11-19T00:00:00.000Z', statements: 0 },
      { start: '2026-11-20T00:00:00.000Z', statements: 7 },
    ]);
  });

  test('from the minute that holds the beginning to the one that holds the last instant', async () => {
    const since = new Date(start + 30_000);
    const until = new Date(at(2).getTime() + 1);
    const found = await counts(instructor, 'since until total', { since, until });
    expect(found.counts).toEqual({ since: at(0).toISOString(), until: at(3).toISOString(), total: 4 });
    expect((await counts(instructor, 'total', { since, until: at(2) })).counts.total).toBe(3);
  });

  test('by verb, the most first, and so many as were asked for', async () => {
    const all = [
      { verb: { iri: verbs.experienced }, statements: 6 },
      { verb: { iri: verbs.completed }, statements: 1 },
    ];
    expect((await counts(instructor, 'byVerb { verb { iri } statements }')).counts.byVerb).toEqual(all);
    const one = await counts(instructor, 'byVerb(first: 1) { verb { iri } statements }');
    expect(one.counts.byVerb).toEqual(all.slice(0, 1));
  });

  test('by activity, and by course with what belongs to it', async () => {
    const found = await counts(
      instructor,
      'byActivity { activity { iri contentItem { id } } statements } byCourse { course { id } statements }',
    );
    const iri = (id: string) => `${publicUrl}/xapi/activities/${id}`;
    expect(found.counts.byActivity).toEqual([
      { activity: { iri: iri(page.id), contentItem: { id: page.id } }, statements: 3 },
      { activity: { iri: iri(elsewhere), contentItem: { id: elsewhere } }, statements: 2 },
      { activity: { iri: iri(course.id), contentItem: null }, statements: 1 },
    ]);
    expect(found.counts.byCourse).toEqual([{ course: { id: course.id }, statements: 4 }]);
  });

  test('by actor: a user once, however their account is written, and anybody else by their key', async () => {
    const found = await counts(instructor, 'actors byActor { actor { mbox user { id } } statements }');
    expect(found.counts.actors).toBe(3);
    expect(found.counts.byActor).toMatchObject(
      [
        { actor: { user: { id: ama } }, statements: 3 },
        { actor: { user: { id: ben } }, statements: 3 },
        { actor: { user: null, mbox: 'mailto:cleo@example.org' }, statements: 1 },
      ].sort(
        (one, other) =>
          other.statements - one.statements || (one.actor.user!.id < other.actor.user!.id ? -1 : 1),
      ),
    );
  });

  test('of a verb, an activity, a course, an actor', async () => {
    const total = async (filter: object) => (await counts(instructor, 'total', { filter })).counts.total;
    expect(await total({ verb: 'completed' })).toBe(1);
    expect(await total({ activity: page.id })).toBe(3);
    expect(await total({ activity: page.id, verb: 'completed' })).toBe(1);
    expect(await total({ courseId: course.id })).toBe(4);
    expect(await total({ courseId: course.id, activity: elsewhere })).toBe(0);
    expect(await total({ actor: ama })).toBe(3);
    expect(await total({ actor: ama, verb: 'completed' })).toBe(1);
  });

  test('over time and by verb where they are narrowed, too', async () => {
    const fields = `${series} byVerb { verb { iri } statements }`;
    const ofActor = await counts(instructor, fields, { filter: { actor: ben } });
    expect(ofActor.counts).toEqual({
      series: [
        { start: at(0).toISOString(), statements: 2 },
        { start: at(60).toISOString(), statements: 1 },
      ],
      byVerb: [{ verb: { iri: verbs.experienced }, statements: 3 }],
    });
    const ofPage = await counts(instructor, fields, { filter: { activity: page.id } });
    expect(ofPage.counts.series.map((each) => each.statements)).toEqual([3, 0]);
  });

  test('without reading a statement', async () => {
    const { client } = records.clickHouse;
    await client.command({ query: 'RENAME TABLE statements TO hidden' });
    try {
      const found = await counts(
        instructor,
        `total actors ${series} byVerb { verb { iri } } byActor { actor { mbox } }`,
      );
      expect(found.errors).toBeUndefined();
      expect(found.counts.total).toBe(7);
    } finally {
      await client.command({ query: 'RENAME TABLE hidden TO statements' });
    }
  });
});

describe('who may see one person’s statements alone', () => {
  test('counts their own', async () => {
    const learner = await school.person('LEARNER', ama);
    const found = await counts(
      learner,
      `total ${series} byVerb { statements } byActor { actor { user { id } } }`,
    );
    expect(found.counts).toMatchObject({ total: 3, byActor: [{ actor: { user: { id: ama } } }] });
    expect(found.counts.series.map((each) => each.statements)).toEqual([2, 1]);
  });

  test('is refused others', async () => {
    const learner = await school.person('LEARNER', ama);
    const { errors } = await counts(learner, 'total', { filter: { actor: ben } });
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test.each(['byActivity { activity { iri } }', 'byCourse { statements }'])(
    'is told that %s is not kept',
    async (field) => {
      const { errors } = await counts(await school.person('LEARNER', ama), field);
      expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['filter'] } }]);
    },
  );
});

test.each<[string, string, object, string[]]>([
  ['minutes of an actor', series, { by: 'MINUTE', filter: { actor: ama } }, ['granularity']],
  [
    'an actor and an activity',
    'total',
    { filter: { actor: ama, activity: page.id } },
    ['filter', 'activity'],
  ],
  ['an actor and a course', 'total', { filter: { actor: ama, courseId: course.id } }, ['filter', 'courseId']],
  ['actors of an activity', 'actors', { filter: { activity: page.id } }, ['filter']],
  ['more than 1,000 buckets', series, { by: 'MINUTE', until: at(1_001) }, ['since']],
  ['a span that ends before it begins', 'total', { since: at(3), until: at(1) }, ['since']],
  ['a span before 1970', 'total', { since: new Date('1960-01-01T00:00:00Z') }, ['since']],
  ['a span in 2106', 'total', { until: new Date('2106-02-07T06:00:00Z') }, ['until']],
  ['a name of no verb', 'total', { filter: { verb: 'frobbed' } }, ['filter', 'verb']],
  ['no verb at all', 'byVerb(first: 0) { verb { iri } }', {}, ['first']],
  ['101 verbs', 'byVerb(first: 101) { verb { iri } }', {}, ['first']],
])('%s: INVALID', async (_case, fields, variables, field) => {
  const { errors } = await counts(instructor, fields, variables);
  expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field } }]);
});

test.each([
  'total',
  'actors',
  'byVerb { verb { iri } }',
  'byActor { actor { mbox } }',
  'byCourse { statements }',
])('another organisation has nothing of it: %s', async (field) => {
  const stranger = await records.school().person('ADMIN');
  const { counts: found } = await counts(stranger, field);
  expect(Object.values(found)[0]).toEqual(field.includes('{') ? [] : 0);
});
