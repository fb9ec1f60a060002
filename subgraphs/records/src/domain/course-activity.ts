import { invalid, requirePermission, type Viewer } from '@lyceum/service';
import type { BucketCount, BucketWindow } from '../store/course-activities.ts';
import type { Store } from '../store/store.ts';
import { withinLimits } from './within-limits.ts';

export type Granularity = 'MINUTE' | 'HOUR' | 'DAY';

const secondsOf: Readonly<Record<Granularity, number>> = { MINUTE: 60, HOUR: 3_600, DAY: 86_400 };

const mostBuckets = 1_000;

/** ClickHouse counts minutes in 32 bits of Unix seconds, which end within this day. */
const end = new Date('2106-02-07T00:00:00.000Z');

/** What happened in a course in a span of time. */
export interface ActivityBucket {
  readonly start: Date;
  readonly statements: number;
  readonly activeLearners: number;
}

export type CourseActivities = ReturnType<typeof createCourseActivities>;

/** What happened in courses, counted over time. */
export function createCourseActivities({ store }: { store: Store }) {
  return {
    /**
     * For each of the courses that the organisation has: every bucket of the window, in order.
     *
     * @throws FORBIDDEN, TOO_EXPENSIVE
     */
    async counted(
      viewer: Viewer,
      courseIds: readonly string[],
      window: BucketWindow,
    ): Promise<Map<string, ActivityBucket[]>> {
      for (const course of courseIds) requirePermission(viewer, 'course.activity.read', { course });
      const { organisationId } = viewer;
      const [known, counts] = await withinLimits(() =>
        Promise.all([
          store.courseActivities.selectKnown(organisationId, courseIds),
          store.courseActivities.selectCounts(organisationId, courseIds, window),
        ]),
      );
      return new Map(
        known.map((id) => [
          id,
          filled(
            window,
            counts.filter(({ course }) => course === id),
          ),
        ]),
      );
    },
  };
}

/**
 * The whole buckets from the one that holds `since` to the one that holds the instant before `until`.
 *
 * @throws INVALID where there is none, or more than 1,000, or one that no statement can have been stored in.
 */
export function bucketWindow(granularity: Granularity, since: Date, until: Date): BucketWindow {
  const stepSeconds = secondsOf[granularity];
  const step = stepSeconds * 1000;
  const first = Math.floor(since.getTime() / step);
  const buckets = Math.ceil(until.getTime() / step) - first;
  if (first < 0 || since >= until) throw invalid(['since'], 'Must be after 1970, and before until.');
  if (until > end) {
    throw invalid([since >= end ? 'since' : 'until'], `Must not be after ${end.toISOString()}.`);
  }
  if (buckets > mostBuckets) {
    throw invalid(
      ['since'],
      `${buckets} buckets of a ${granularity} are more than ${mostBuckets}: ask for fewer.`,
    );
  }
  return { start: first * stepSeconds, stepSeconds, buckets };
}

function filled(
  { start, stepSeconds, buckets }: BucketWindow,
  counts: readonly BucketCount[],
): ActivityBucket[] {
  const byBucket = new Map(counts.map((count) => [count.bucket, count]));
  return Array.from({ length: buckets }, (_, bucket) => ({
    start: new Date((start + bucket * stepSeconds) * 1000),
    statements: byBucket.get(bucket)?.statements ?? 0,
    activeLearners: byBucket.get(bucket)?.activeLearners ?? 0,
  }));
}
