import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { statementFor } from '@lyceum/xapi';
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
const course = courseOf(['PAGE', 'QUIZ']);
const start = Date.parse('2026-11-20T10:00:00.000Z');
const at = (minute: number) => new Date(start + minute * 60_000);

/** A course of one module with these items. */
function courseOf(types: ('PAGE' | 'QUIZ')[]): CourseState {
  const items = types.map((type, position) => ({
    id: newId('item'),
    title: type,
    type,
    position,
    required: true,
    assessmentId: type === 'QUIZ' ? newId('assessment') : null,
  }));
  return {
    id: newId('course'),
    organisationId: '',
    title: 'Counted',
    slug: 'counted',
    status: 'PUBLISHED',
    revision: 1,
    modules: [{ id: newId('module'), title: 'One', position: 0, items }],
  };
}

interface Bucket {
  start: string;
  statements: number;
  activeLearners: number;
}

async function activity({ ask }: Person, variables: object, ids = [course.id]) {
  const { data, errors } = await ask<{ _entities: { activity: Bucket[] | null }[] }>(
    `query ($r: [_Any!]!, $granularity: ActivityGranularity!, $since: DateTime!, $until: DateTime) {
      _entities(representations: $r) {
        ... on Course { activity(granularity: $granularity, since: $since, until: $until) { start statements activeLearners } }
      }
    }`,
    { r: ids.map((id) => ({ __typename: 'Course', id })), ...variables },
  );
  return { errors, buckets: data._entities.map((entity) => entity.activity) };
}

const did = (
  userId: string,
  id: string,
  verb: 'completed' | 'experienced' = 'experienced',
  parent?: string,
) =>
  statementFor({
    publicUrl,
    userId,
    verb,
    activity: { id },
    ...(parent === undefined ? {} : { parents: [{ id: parent }] }),
  });

beforeAll(async () => {
  records = await runRecords();
  school = records.school();
  instructor = await school.person('INSTRUCTOR');
  const { organisationId } = school;
  await school.tell({ ...course, organisationId });
  await records.settled();
  const [module] = course.modules;
  const [page, quiz] = module!.items;
  const [ama, ben, cleo] = [newId('user'), newId('user'), newId('user')];
  await school.store([did(ama, page!.id), did(ama, page!.id, 'completed'), did(ben, course.id)], at(0));
  await school.store([did(ama, quiz!.id, 'completed', course.id)], at(2));
  await school.store([did(cleo, quiz!.assessmentId!)], at(61));
  // A question is no part of the course by itself; its asking counts who is active.
  await school.store([did(ben, newId('question'), 'experienced', quiz!.assessmentId!)], at(61));
  await school.store([did(newId('user'), newId('item'))], at(1));
}, 60_000);
afterAll(() => records.stop());

describe('the activity of a course', () => {
  test('is counted by minute, with empty minutes', async () => {
    const { buckets } = await activity(instructor, { granularity: 'MINUTE', since: at(0), until: at(3) });
    expect(buckets).toEqual([
      [
        { start: '2026-11-20T10:00:00.000Z', statements: 3, activeLearners: 2 },
        { start: '2026-11-20T10:01:00.000Z', statements: 0, activeLearners: 0 },
        { start: '2026-11-20T10:02:00.000Z', statements: 1, activeLearners: 1 },
      ],
    ]);
  });

  test('is counted by hour in whole hours, a learner once', async () => {
    const { buckets } = await activity(instructor, { granularity: 'HOUR', since: at(30), until: at(61) });
    expect(buckets).toEqual([
      [
        { start: '2026-11-20T10:00:00.000Z', statements: 4, activeLearners: 2 },
        { start: '2026-11-20T11:00:00.000Z', statements: 1, activeLearners: 2 },
      ],
    ]);
  });

  test('is counted by day', async () => {
    const since = new Date('2026-11-19T23:59:59Z');
    const { buckets } = await activity(instructor, { granularity: 'DAY', since, until: at(120) });
    expect(buckets).toEqual([
      [
        { start: '2026-11-19T00:00:00.000Z', statements: 0, activeLearners: 0 },
        { start: '2026-11-20T00:00:00.000Z', statements: 5, activeLearners: 3 },
      ],
    ]);
  });

  test('is the same when the catalog tells of the course again, and when it has lost an item', async () => {
    const { organisationId } = school;
    const [module] = course.modules;
    await school.tell({ ...course, organisationId });
    await school.tell({
      ...course,
      organisationId,
      revision: 2,
      modules: [{ ...module!, items: [] }],
    });
    await records.settled();
    const { buckets } = await activity(instructor, { granularity: 'DAY', since: at(0), until: at(120) });
    expect(buckets[0]).toMatchObject([{ statements: 5, activeLearners: 3 }]);
  });

  test('of many courses is asked with one look-up and one count', async () => {
    const others = [courseOf(['PAGE']), courseOf(['PAGE'])].map((each) => ({
      ...each,
      organisationId: school.organisationId,
    }));
    for (const other of others) await school.tell(other);
    await records.settled();
    const sent = jest.spyOn(
      Object.getPrototypeOf(records.clickHouse.client) as { query(): unknown },
      'query',
    );
    const ids = [course.id, ...others.map(({ id }) => id)];
    const { buckets } = await activity(instructor, { granularity: 'DAY', since: at(0), until: at(1) }, ids);
    expect(buckets).toMatchObject([[{ statements: 5 }], [{ statements: 0 }], [{ statements: 0 }]]);
    expect(sent).toHaveBeenCalledTimes(2);
    sent.mockRestore();
  });

  test.each([
    ['more than 1,000 buckets', 'MINUTE', at(0), at(1_001), 'since'],
    ['a span that ends before it begins', 'MINUTE', at(1), at(0), 'since'],
    [
      'a span before 1970',
      'DAY',
      new Date('1960-01-01T00:00:00Z'),
      new Date('1960-02-01T00:00:00Z'),
      'since',
    ],
    ['a span in 2110', 'DAY', new Date('2110-01-01T00:00:00Z'), new Date('2110-02-01T00:00:00Z'), 'since'],
    ['an end in 2106', 'DAY', new Date('2106-02-01T00:00:00Z'), new Date('2106-02-07T00:00:01Z'), 'until'],
  ])('refuses %s', async (_case, granularity, since, until, field) => {
    const { errors } = await activity(instructor, { granularity, since, until });
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: [field] } }]);
  });

  test.each(['MINUTE', 'HOUR', 'DAY'])(
    'is counted by %s from the first instant to the last',
    async (granularity) => {
      for (const [since, until] of [
        ['1970-01-01T00:00:00Z', '1970-01-01T01:00:00Z'],
        ['2106-02-06T23:00:00Z', '2106-02-07T00:00:00Z'],
      ]) {
        const { errors, buckets } = await activity(instructor, { granularity, since, until });
        expect(errors).toBeUndefined();
        expect(buckets[0]![0]).toMatchObject({ statements: 0, activeLearners: 0 });
      }
    },
  );

  test.each(['LEARNER', 'AUTHOR'] as const)('is FORBIDDEN to the role %s', async (role) => {
    const { errors, buckets } = await activity(await school.person(role), {
      granularity: 'DAY',
      since: at(0),
      until: at(1),
    });
    expect(buckets).toEqual([null]);
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test("is NOT_FOUND where the course is another organisation's", async () => {
    const stranger = await records.school().person('ADMIN');
    const { errors } = await activity(stranger, { granularity: 'DAY', since: at(0), until: at(1) });
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  });
});
