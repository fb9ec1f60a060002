import type { ClickHouseClient } from '@clickhouse/client';
import type { Select } from './select.ts';

/** An activity (its IRI) that is a part of a course. */
export interface CourseActivity {
  readonly organisation: string;
  readonly course: string;
  readonly activity: string;
}

/** Equal buckets of time, from `start` (Unix seconds) on. */
export interface BucketWindow {
  readonly start: number;
  readonly stepSeconds: number;
  readonly buckets: number;
}

/** What happened in one bucket of a course; empty buckets have none. */
export interface BucketCount {
  readonly course: string;
  /** 0 is the first of the window. */
  readonly bucket: number;
  readonly statements: number;
  readonly activeLearners: number;
}

export function courseActivityStore(clickHouse: ClickHouseClient, select: Select) {
  return {
    /** Resolves when the rows can be read. Writing them again changes nothing. */
    insert: (rows: readonly CourseActivity[]) =>
      clickHouse.insert({
        table: 'course_activities',
        values: [...rows],
        format: 'JSONEachRow',
        clickhouse_settings: { async_insert: 0 },
      }),

    /** Those of `courseIds` that the organisation has. */
    async selectKnown(organisationId: string, courseIds: readonly string[]): Promise<string[]> {
      const rows = await select<{ course: string }>(
        `SELECT DISTINCT course FROM course_activities
         WHERE organisation = {organisation:String} AND course IN {courses:Array(String)}`,
        { organisation: organisationId, courses: courseIds },
      );
      return rows.map(({ course }) => course);
    },

    /** Counts from the roll-up by activity and minute (lrs/clickhouse/migrations/0002_activity_minutes.sql). */
    selectCounts: (organisationId: string, courseIds: readonly string[], window: BucketWindow) =>
      select<BucketCount>(countsQuery, {
        organisation: organisationId,
        courses: courseIds,
        start: window.start,
        end: window.start + window.buckets * window.stepSeconds,
        step: window.stepSeconds,
      }),
  };
}

const parts = `SELECT DISTINCT course, activity FROM course_activities
  WHERE organisation = {organisation:String} AND course IN {courses:Array(String)}`;

const countsQuery = `
  SELECT
    parts.course AS course,
    toUInt32(intDiv(toUnixTimestamp(minute) - {start:UInt32}, {step:UInt32})) AS bucket,
    toFloat64(sum(minutes.statements)) AS statements,
    toFloat64(uniqIfMerge(minutes.actors)) AS activeLearners
  FROM activity_minutes AS minutes
  INNER JOIN (${parts}) AS parts ON minutes.activity = parts.activity
  WHERE minutes.organisation = {organisation:String}
    AND minutes.activity IN (SELECT activity FROM (${parts}))
    AND minutes.minute >= toDateTime({start:UInt32}, 'UTC') AND minutes.minute < toDateTime({end:UInt32}, 'UTC')
  GROUP BY course, bucket`;
