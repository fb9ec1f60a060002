import { invalid, notFound, type Viewer } from '@lyceum/service';
import type { Counted, CountRollUp, CountScope } from '../store/statement-counts.ts';
import type { Store } from '../store/store.ts';
import { learnersSeenBy } from './access.ts';
import { bucketWindow, type Granularity } from './course-activity.ts';
import type { Names } from './names.ts';
import { withinLimits } from './within-limits.ts';

export interface StatementCountFilter {
  readonly actor?: string | null | undefined;
  readonly verb?: string | null | undefined;
  readonly activity?: string | null | undefined;
  readonly courseId?: string | null | undefined;
}

export interface StatementCountBucket {
  readonly start: Date;
  readonly statements: number;
}

/** What is counted, once it is known that the viewer may see it; each figure is read when it is asked for. */
export interface StatementCount {
  readonly scope: CountScope;
  readonly rollUp: CountRollUp;
  readonly since: Date;
  readonly until: Date;
}

export type StatementCounts = ReturnType<typeof createStatementCounts>;

const stepOf: Readonly<Record<CountRollUp, number>> = {
  verb_minutes: 60,
  activity_hours: 3_600,
  actor_hours: 3_600,
};

/** ClickHouse counts in 32 bits of Unix seconds. */
const lastSecond = 2 ** 32 - 1;

const mostNames = 100;

/** How many statements an organisation has, over time and by what they are about. */
export function createStatementCounts({ store, names }: { store: Store; names: Names }) {
  const { statementCounts: counts } = store;

  /** Another roll-up than that of the filter counts whole hours. */
  function inHours({ scope, rollUp }: StatementCount, wanted: CountRollUp): CountScope {
    if (rollUp !== 'verb_minutes' && rollUp !== wanted) {
      const [asked, kept] =
        rollUp === 'actor_hours' ? ['an actor', 'activity'] : ['an activity or a course', 'actor'];
      throw invalid(['filter'], `Counts of ${asked} are not kept by ${kept}.`);
    }
    return { ...scope, ...wholeSteps(scope.start, scope.end, stepOf[wanted]) };
  }

  return {
    /** @throws INVALID, FORBIDDEN, NOT_FOUND for a course that the organisation does not have */
    async of(
      viewer: Viewer,
      filter: StatementCountFilter,
      since: Date,
      until: Date,
    ): Promise<StatementCount> {
      const actors = learnersSeenBy(viewer, filter.actor)?.flatMap((userId) => names.actorsOf(userId));
      const rollUp = rollUpOf(filter, actors !== undefined);
      const scope = {
        organisationId: viewer.organisationId,
        ...spanOf(since, until, stepOf[rollUp]),
        verb: filter.verb == null ? undefined : names.verbOf(['filter', 'verb'], filter.verb),
        activity:
          filter.activity == null ? undefined : names.activityOf(['filter', 'activity'], filter.activity),
        course: filter.courseId ?? undefined,
        actors,
      };
      await requireCourse(scope);
      return { scope, rollUp, since, until };
    },

    total: ({ scope, rollUp }: StatementCount) => withinLimits(() => counts.selectTotal(scope, rollUp)),

    /** Every bucket of the span, in order. @throws INVALID */
    async series(
      { scope, rollUp, since, until }: StatementCount,
      granularity: Granularity,
    ): Promise<StatementCountBucket[]> {
      if (granularity === 'MINUTE' && rollUp !== 'verb_minutes')
        throw invalid(['granularity'], 'Of an actor, an activity or a course, hours and days are counted.');
      const window = bucketWindow(granularity, since, until);
      const { start, stepSeconds, buckets } = window;
      const found = await withinLimits(() =>
        counts.selectSeries({ ...scope, start, end: start + buckets * stepSeconds }, rollUp, window),
      );
      const byBucket = new Map(found.map(({ bucket, statements }) => [bucket, statements]));
      return Array.from({ length: buckets }, (_, bucket) => ({
        start: new Date((start + bucket * stepSeconds) * 1000),
        statements: byBucket.get(bucket) ?? 0,
      }));
    },

    verbs: ({ scope, rollUp }: StatementCount, first: number) =>
      withinLimits(() => counts.selectVerbs(scope, rollUp, checkedFirst(first))),

    activities: (count: StatementCount, first: number) =>
      withinLimits(() => counts.selectActivities(inHours(count, 'activity_hours'), checkedFirst(first))),

    courses: (count: StatementCount, first: number) =>
      withinLimits(() => counts.selectCourses(inHours(count, 'activity_hours'), checkedFirst(first))),

    actors: (count: StatementCount, first: number): Promise<Counted[]> =>
      withinLimits(() =>
        counts.selectActors(inHours(count, 'actor_hours'), checkedFirst(first), names.accounts),
      ),

    distinctActors: (count: StatementCount) =>
      withinLimits(() => counts.selectDistinctActors(inHours(count, 'actor_hours'), names.accounts)),
  };

  async function requireCourse({ organisationId, course }: CountScope): Promise<void> {
    if (course === undefined) return;
    const known = await withinLimits(() => store.courseActivities.selectKnown(organisationId, [course]));
    if (known.length === 0) throw notFound('course', course);
  }
}

/** @throws INVALID where no roll-up counts both. */
function rollUpOf({ activity, courseId }: StatementCountFilter, ofActors: boolean): CountRollUp {
  const ofActivities = activity != null || courseId != null;
  if (!ofActivities) return ofActors ? 'actor_hours' : 'verb_minutes';
  if (!ofActors) return 'activity_hours';
  throw invalid(
    ['filter', activity == null ? 'courseId' : 'activity'],
    'Counts of single actors are not kept by activity: ask `statements` for its totalCount.',
  );
}

/** @throws INVALID */
function spanOf(since: Date, until: Date, step: number): { start: number; end: number } {
  const [start, end] = [since.getTime() / 1000, until.getTime() / 1000];
  if (start < 0 || start >= end) throw invalid(['since'], 'Must be after 1970, and before until.');
  if (end > lastSecond - 86_400) throw invalid(['until'], 'Must be before 2106.');
  return wholeSteps(start, end, step);
}

const wholeSteps = (start: number, end: number, step: number) => ({
  start: Math.floor(start / step) * step,
  end: Math.ceil(end / step) * step,
});

function checkedFirst(first: number): number {
  if (Number.isInteger(first) && first >= 1 && first <= mostNames) return first;
  throw invalid(['first'], `first must be from 1 to ${mostNames}; it was ${first}.`);
}
