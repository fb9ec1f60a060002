import { activity } from './activity-checks.ts';
import { actor, agent, group } from './actor-checks.ts';
import { list, literal, object, text, type Check, type JsonObject } from './checks.ts';
import { extensions, iri, languageTag, uuid } from './common-checks.ts';
import { statementRef } from './statement-ref-check.ts';

/** Contexts: Data 2.4.6; contextAgents and contextGroups are 4.2.2.3 of xAPI 2.0. */

const spec = 'Data 2.4.6';
const activitiesSpec = 'Data 2.4.6.2';

const activities = list(activity, activitiesSpec);

/** One activity or a list of them. */
const activityOrList: Check = (value, walk) => {
  (Array.isArray(value) ? activities : activity)(value, walk);
};

const contextActivities = object({
  spec: activitiesSpec,
  properties: {
    parent: activityOrList,
    grouping: activityOrList,
    category: activityOrList,
    other: activityOrList,
  },
});

const types = list(iri('2.0 4.2.2.3'), '2.0 4.2.2.3');

/** One at least. */
const relevantTypes: Check = (value, walk) => {
  types(value, walk);
  if (Array.isArray(value) && value.length === 0) walk.fault('must not be empty', '2.0 4.2.2.3');
};

const contextAgent = object({
  spec: '2.0 4.2.2.3',
  properties: { objectType: literal('contextAgent', '2.0 4.2.2.3'), agent, relevantTypes },
  required: ['objectType', 'agent'],
});

const contextGroup = object({
  spec: '2.0 4.2.2.3',
  properties: { objectType: literal('contextGroup', '2.0 4.2.2.3'), group, relevantTypes },
  required: ['objectType', 'group'],
});

const properties: Record<string, Check> = {
  registration: uuid('Data 2.4.6.1'),
  instructor: actor(spec),
  team: group,
  contextActivities,
  revision: text(spec),
  platform: text(spec),
  language: languageTag,
  statement: statementRef,
  extensions,
};

/** A context of 1.0.x. */
export const context10 = object({ spec, properties });

/** A context of 2.0. */
export const context20 = object({
  spec,
  properties: {
    ...properties,
    contextAgents: list(contextAgent, '2.0 4.2.2.3'),
    contextGroups: list(contextGroup, '2.0 4.2.2.3'),
  },
});

/** The two properties of a context that only go with an Activity as object (Data 2.4.6). */
export function activityOnlyProperties(context: JsonObject): string[] {
  return ['revision', 'platform'].filter((name) => Object.hasOwn(context, name));
}
