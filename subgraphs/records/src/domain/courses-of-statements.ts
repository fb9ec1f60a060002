import { idPrefix } from '@lyceum/service';
import type { Activity, Statement, SubStatement } from '@lyceum/xapi';
import type { Names } from './names.ts';

/** Activities of a context, whether it has one or a list of them. */
export function activitiesOf(given: Activity | Activity[] | undefined): Activity[] {
  if (given === undefined) return [];
  return Array.isArray(given) ? given : [given];
}

/** The object, where it is an activity. */
export function activityOf({ object }: Statement | SubStatement): Activity | null {
  return object.objectType === undefined || object.objectType === 'Activity' ? object : null;
}

/** The id of ours behind an activity, if it is of the kind that has this prefix. */
export function ourId(names: Names, activity: Activity | null, prefix: string): string | null {
  const id = activity && names.idOf(activity.id);
  return id != null && idPrefix(id) === prefix ? id : null;
}

/** The course that a statement is about, or else the nearest that its context names. */
export function courseOf(names: Names, statement: Statement): string | null {
  const { parent, grouping, category, other } = statement.context?.contextActivities ?? {};
  const named = [parent, grouping, category, other].flatMap(activitiesOf);
  const ids = [activityOf(statement), ...named].map((each) => ourId(names, each, 'course'));
  return ids.find((id) => id !== null) ?? null;
}
