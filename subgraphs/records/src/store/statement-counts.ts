import type { BucketWindow } from './course-activities.ts';
import type { Select } from './select.ts';

/** Which statements of an organisation are counted, and in which span: whole minutes, or hours. */
export interface CountScope {
  readonly organisationId: string;
  /** Unix seconds; the end is exclusive. */
  readonly start: number;
  readonly end: number;
  /** IRI. */
  readonly verb: string | undefined;
  /** IRI. */
  readonly activity: string | undefined;
  /** Whose activities are meant. */
  readonly course: string | undefined;
  /** Keys of actors; undefined: of anybody. */
  readonly actors: readonly string[] | undefined;
}

/** How many statements one of a kind has. */
export interface Counted {
  /** The IRI of a verb or activity, the key of an actor, the id of a course. */
  readonly name: string;
  readonly statements: number;
}

/** The roll-ups of the Learning Record Store (lrs/clickhouse/migrations 0017 to 0019), and their columns of time. */
const bucketOf = { verb_minutes: 'minute', activity_hours: 'hour', actor_hours: 'hour' } as const;

export type CountRollUp = keyof typeof bucketOf;

/** Counts of statements, read from sums that are kept as they come in: no statement is read. */
export function statementCountStore(select: Select) {
  async function selectTop(
    scope: CountScope,
    rollUp: CountRollUp,
    { by, first, join = '' }: { by: string; first: number; join?: string },
    parameters: Record<string, unknown> = {},
  ): Promise<Counted[]> {
    return select<Counted>(
      `SELECT ${by} AS name, toFloat64(sum(counts.statements)) AS statements FROM ${rollUp} AS counts ${join}
       WHERE ${conditionsOf(scope, rollUp)}
       GROUP BY name HAVING statements > 0 ORDER BY statements DESC, name LIMIT {first:UInt32}`,
      { ...parametersOf(scope), ...parameters, first },
    );
  }

  return {
    /** Statements by bucket of the window, 0 being the first; empty buckets have none. */
    selectSeries: (scope: CountScope, rollUp: CountRollUp, { start, stepSeconds }: BucketWindow) =>
      select<{ bucket: number; statements: number }>(
        `SELECT toUInt32(intDiv(toUnixTimestamp(${bucketOf[rollUp]}) - {first:UInt32}, {step:UInt32})) AS bucket,
           toFloat64(sum(counts.statements)) AS statements
         FROM ${rollUp} AS counts WHERE ${conditionsOf(scope, rollUp)} GROUP BY bucket`,
        { ...parametersOf(scope), first: start, step: stepSeconds },
      ),

    async selectTotal(scope: CountScope, rollUp: CountRollUp): Promise<number> {
      const rows = await select<{ statements: number }>(
        `SELECT toFloat64(sum(counts.statements)) AS statements FROM ${rollUp} AS counts
         WHERE ${conditionsOf(scope, rollUp)}`,
        parametersOf(scope),
      );
      return rows[0]?.statements ?? 0;
    },

    /** The most frequent verbs first; of the same count, by name. */
    selectVerbs: (scope: CountScope, rollUp: CountRollUp, first: number) =>
      selectTop(scope, rollUp, { by: 'counts.verb', first }),

    selectActivities: (scope: CountScope, first: number) =>
      selectTop(scope, 'activity_hours', { by: 'counts.activity', first }),

    /** An activity of several courses counts in each. */
    selectCourses: (scope: CountScope, first: number) =>
      selectTop(scope, 'activity_hours', {
        by: 'parts.course',
        first,
        join: `INNER JOIN (SELECT DISTINCT course, activity FROM course_activities
          WHERE organisation = {organisation:String}) AS parts ON counts.activity = parts.activity`,
      }),

    /** @param accounts a person of ours is one, though their account's home page is written in two ways */
    selectActors: (scope: CountScope, first: number, accounts: AccountPrefixes) =>
      selectTop(scope, 'actor_hours', { by: oneKey, first }, { ...accounts }),

    async selectDistinctActors(scope: CountScope, accounts: AccountPrefixes): Promise<number> {
      const rows = await select<{ actors: number }>(
        `SELECT toFloat64(count()) AS actors FROM (SELECT ${oneKey} AS name FROM actor_hours AS counts
           WHERE ${conditionsOf(scope, 'actor_hours')} GROUP BY name HAVING sum(counts.statements) > 0)`,
        { ...parametersOf(scope), ...accounts },
      );
      return rows[0]?.actors ?? 0;
    },
  };
}

/** What the keys of our accounts begin with: as we write them, and with a slash behind the home page. */
export interface AccountPrefixes {
  readonly ours: string;
  readonly slashed: string;
}

const oneKey = `if(startsWith(counts.actor, {slashed:String}),
  concat({ours:String}, substring(counts.actor, length({slashed:String}) + 1)), counts.actor)`;

const ofCourse = `counts.activity IN (SELECT activity FROM course_activities
  WHERE organisation = {organisation:String} AND course = {course:String})`;

function conditionsOf({ verb, activity, course, actors }: CountScope, rollUp: CountRollUp): string {
  const bucket = bucketOf[rollUp];
  const given: [unknown, string][] = [
    [verb, 'counts.verb = {verb:String}'],
    [activity, 'counts.activity = {activity:String}'],
    [course, ofCourse],
    [actors, 'counts.actor IN {actors:Array(String)}'],
  ];
  return [
    'counts.organisation = {organisation:String}',
    `counts.${bucket} >= toDateTime({start:UInt32}, 'UTC') AND counts.${bucket} < toDateTime({end:UInt32}, 'UTC')`,
    ...given.filter(([value]) => value !== undefined).map(([, condition]) => condition),
  ].join(' AND ');
}

function parametersOf({ organisationId, ...scope }: CountScope): Record<string, unknown> {
  return { organisation: organisationId, ...scope };
}
