import { timestampMicros, verbs } from '@lyceum/xapi';
import {
  agentIsActorOrObject,
  agentIsReached,
  agentIsRelated,
  relatedAgentIsReached,
} from './agent-condition.ts';
import type { StatementFilter } from './statement-filter.ts';
import type { StatementPage } from './select-statements.ts';

/** Where a filter looks: at statements, and at what statements reach through references. */
export type Source = 'statements' | 'statement_references';

/** Microseconds decide: `since` is exclusive, `until` inclusive, both exact (Communication 2.1.3). */
function instant(parameter: string): string {
  return `fromUnixTimestamp64Micro({${parameter}:Int64}, 'UTC')`;
}

const snapshot = `toDateTime64({snapshot:String}, 6, 'UTC')`;
const place = `(toDateTime64({stored:String}, 6, 'UTC'), toUUID({id:String}))`;

/**
 * A statement is voided where there is a voiding statement for it, unless it is one itself (Data 2.3.2), by whoever brought
 * the statement or may void any. Two sets for one look each: what is voided is little beside what is there.
 */
function isVoided(voiding: string, until = `AND stored <= ${snapshot}`): string {
  const voids = `FROM voids WHERE organisation = {organisation:String} ${until}`;
  return `(NOT (${voiding}) AND (id IN (SELECT target ${voids} AND any)
    OR (id, toString(authority)) IN (SELECT target, toString(authority) ${voids} AND NOT any)))`;
}

const isVoiding: Record<Source, string> = {
  statements: `verb = '${verbs.voided}'`,
  statement_references: 'voiding',
};

/** For a statement asked for by its id: whether it is voided by now. */
export const isVoidedNow = isVoided(isVoiding.statements, '');

/** Whether a filter asks for more than times: then what a statement refers to counts as well. */
export function looksAtContents({ agent, verb, activity, registration }: StatementFilter): boolean {
  return [agent, verb, activity, registration].some((each) => each !== undefined);
}

/** What makes a row of the source one of the page's statements, or of a later page's. */
export function conditionsOf({ filter, after }: StatementPage, source: Source): string {
  const { since, until, authority, ascending } = filter;
  const conditions = [
    'organisation = {organisation:String}',
    `stored <= ${snapshot}`,
    // What an import brought with a `stored` of before came after it.
    ...(source === 'statements' ? [`imported <= toUnixTimestamp64Micro(${snapshot})`] : []),
    ...(since === undefined ? [] : [`stored > ${instant('since')}`]),
    ...(until === undefined ? [] : [`stored <= ${instant('until')}`]),
    // The first leads to the place by the sorting key, the second decides among what was stored at one instant.
    ...(after === undefined
      ? []
      : [
          `stored ${ascending ? '>=' : '<='} toDateTime64({stored:String}, 6, 'UTC')`,
          `(stored, id) ${ascending ? '>' : '<'} ${place}`,
        ]),
    ...(authority === undefined ? [] : ['authority = {authority:String}']),
    ...contentsOf(filter, source),
    `NOT ${isVoided(isVoiding[source])}`,
  ];
  return conditions.join(' AND ');
}

function contentsOf(filter: StatementFilter, source: Source): string[] {
  const { agent, relatedAgents, verb, activity, relatedActivities, registration, authority } = filter;
  const isReached = source === 'statement_references';
  const agentIs = isReached
    ? [agentIsReached, relatedAgentIsReached]
    : [agentIsActorOrObject, agentIsRelated];
  const activityIs = ['activity = {activity:String}', 'has(related_activities, {activity:String})'];
  return [
    ...(agent === undefined ? [] : [agentIs[relatedAgents ? 1 : 0] ?? '']),
    ...(verb === undefined ? [] : ['verb = {verb:String}']),
    ...(activity === undefined ? [] : [activityIs[relatedActivities ? 1 : 0] ?? '']),
    ...(registration === undefined ? [] : ['registration = {registration:UUID}']),
    ...(isReached ? [`known <= ${snapshot}`] : []),
    // A key that reads its own must not learn by a reference of its own what is in another's.
    ...(isReached && authority !== undefined ? ['target_authority = {authority:String}'] : []),
  ];
}

export function parametersOf({ organisationId, filter, after, snapshot: at }: StatementPage) {
  const { since, until, ...rest } = filter;
  return {
    organisation: organisationId,
    snapshot: at,
    ...rest,
    ...after,
    ...(since === undefined ? {} : { since: timestampMicros(since).toString() }),
    ...(until === undefined ? {} : { until: timestampMicros(until).toString() }),
  };
}
