import { joinDefinition } from '../definitions.ts';

/** Of one activity: whoever sends more has the latest of them. */
const mostParts = 500;

/** A part of what an activity is called: its id, which part, and the part's JSON. */
export type DefinitionPart = readonly [activity: string, part: string, value: string];

/**
 * The parts of the definitions of some activities of {organisation:String}, as ingest noted them.
 *
 * @param activities SQL of the list of their ids
 */
export function definitionsQuery(activities: string): string {
  return `SELECT activity, part, argMax(value, activity_definitions.stored) AS latest FROM activity_definitions
    WHERE organisation = {organisation:String} AND activity IN (${activities})
    GROUP BY activity, part ORDER BY activity, max(activity_definitions.stored) DESC LIMIT ${String(mostParts)} BY activity`;
}

/** The merged definitions as JSON, by activity; those that nobody has defined are missing. */
export function joinDefinitions(parts: Iterable<DefinitionPart>): Map<string, string> {
  const byActivity = new Map<string, Map<string, string>>();
  for (const [activity, part, value] of parts) {
    const own = byActivity.get(activity) ?? new Map<string, string>();
    byActivity.set(activity, own.set(part, value));
  }
  return new Map([...byActivity].map(([activity, own]) => [activity, joinDefinition(own)]));
}
