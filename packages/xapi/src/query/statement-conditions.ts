import { timestampMicros } from '../timestamp.ts';
import { verbs } from '../verbs.ts';
import {
  agentIsActorOrObject,
  agentIsReached,
  agentIsRelated,
  relatedAgentIsReached,
} from './agent-condition.ts';
import type { StatementFilter } from './statement-filter.ts';
import { agentParameters } from './statement-keys.ts';
import type { StatementPage } from './statement-page.ts';

/** Where a filter looks: at statements, and at what statements reach through references. */
export type Source = 'statements' | 'statement_references';

/** Microseconds decide: `since` is exclusive, `until` inclusive, both exact (Communication 2.1.3). */
function instant(parameter: string): string {
  return `fromUnixTimestamp64Micro({${parameter}:Int64}, 'UTC')`;
}

const snapshot = `toDateTime64({snapshot:String}, 6, 'UTC')`;

/**
 * A statement is voided where there is a voiding statement for it, unless it is one itself (Data 2.3.2), by whoever brought
 * the statement or may void any. Two sets for one look each: what is voided is little beside what is there.
 */
function isVoided(voiding: string, until: string): string {
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
export function conditionsOf(page: StatementPage, source: Source): string {
  const { filter, after, before, snapshot: at } = page;
  const { authority, ascending } = filter;
  const conditions = [
    ...(source === 'statements' ? timesOf(page) : referenceTimesOf(page)),
    ...(after === undefined ? [] : beyond('', ascending)),
    ...(before === undefined ? [] : beyond('before_', !ascending)),
    ...(authority === undefined ? [] : ['authority = {authority:String}']),
    ...contentsOf(filter, source),
    `NOT ${isVoided(isVoiding[source], at === undefined ? '' : `AND stored <= ${snapshot}`)}`,
  ];
  return conditions.join(' AND ');
}

/** What makes a row of statement_keys, beside its key, lead to one of the page's statements, or of a later page's. */
export function keyConditionsOf(page: StatementPage): string {
  const { filter, after, before } = page;
  const { ascending, verb } = filter;
  return [
    ...timesOf(page),
    ...(after === undefined ? [] : [from('', ascending)]),
    ...(before === undefined ? [] : [from('before_', !ascending)]),
    ...(verb === undefined ? [] : ['verb = {verb:String}']),
  ].join(' AND ');
}

/** What an import brought with a `stored` of before came after it. */
function timesOf(page: StatementPage): string[] {
  const { snapshot: at } = page;
  return [
    ...storedWithin(page),
    ...(at === undefined ? [] : [`imported <= toUnixTimestamp64Micro(${snapshot})`]),
  ];
}

function referenceTimesOf(page: StatementPage): string[] {
  const { snapshot: at } = page;
  return [...storedWithin(page), ...(at === undefined ? [] : [`known <= ${snapshot}`])];
}

function storedWithin({ filter: { since, until }, snapshot: at }: StatementPage): string[] {
  return [
    'organisation = {organisation:String}',
    ...(at === undefined ? [] : [`stored <= ${snapshot}`]),
    ...(since === undefined ? [] : [`stored > ${instant('since')}`]),
    ...(until === undefined ? [] : [`stored <= ${instant('until')}`]),
  ];
}

const placeStored = (prefix: string) => `toDateTime64({${prefix}stored:String}, 6, 'UTC')`;

function from(prefix: string, ascending: boolean): string {
  return `stored ${ascending ? '>=' : '<='} ${placeStored(prefix)}`;
}

/** The first leads to the place by the sorting key, the second decides among what was stored at one instant. */
function beyond(prefix: string, ascending: boolean): string[] {
  const place = `(${placeStored(prefix)}, toUUID({${prefix}id:String}))`;
  return [from(prefix, ascending), `(stored, id) ${ascending ? '>' : '<'} ${place}`];
}

function contentsOf(filter: StatementFilter, source: Source): string[] {
  const { verb, activity, relatedActivities, registration, authority } = filter;
  const isReached = source === 'statement_references';
  const activityIs = ['activity = {activity:String}', 'has(related_activities, {activity:String})'];
  return [
    ...agentIs(filter, isReached),
    ...(verb === undefined ? [] : ['verb = {verb:String}']),
    ...(activity === undefined ? [] : [activityIs[relatedActivities ? 1 : 0] ?? '']),
    ...(registration === undefined ? [] : ['registration = {registration:UUID}']),
    // A key that reads its own must not learn by a reference of its own what is in another's.
    ...(isReached && authority !== undefined ? ['target_authority = {authority:String}'] : []),
  ];
}

function agentIs({ agent, relatedAgents }: StatementFilter, isReached: boolean): string[] {
  if (agent === undefined) return [];
  const [exact, related] = isReached
    ? [agentIsReached, relatedAgentIsReached]
    : [agentIsActorOrObject, agentIsRelated];
  const condition = relatedAgents ? related : exact;
  return [
    `(${Object.keys(agentParameters(agent))
      .map((name) => condition(`{${name}:String}`))
      .join(' OR ')})`,
  ];
}

export function parametersOf({
  organisationId,
  filter,
  after,
  before,
  snapshot: at,
  narrowing,
}: StatementPage) {
  const { since, until, agent, ...rest } = filter;
  return {
    organisation: organisationId,
    ...(at === undefined ? {} : { snapshot: at }),
    ...rest,
    ...(agent === undefined ? {} : agentParameters(agent)),
    ...after,
    ...(before === undefined ? {} : { before_stored: before.stored, before_id: before.id }),
    ...(since === undefined ? {} : { since: timestampMicros(since).toString() }),
    ...(until === undefined ? {} : { until: timestampMicros(until).toString() }),
    ...narrowing?.parameters,
  };
}
