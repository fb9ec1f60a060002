import { agentKey } from './agent-key.ts';
import type { Activity, Actor, Context, Statement, SubStatement } from './statement.ts';

/** What a statement is found by, besides its own fields. */
export interface StatementIndex {
  objectType: string;
  /** The object's IRI where the object is an Activity, else empty. */
  activity: string;
  /** {@link agentKey} of the actor, empty for an anonymous group. */
  actor: string;
  /** Ids of all activities in it: object, context, and those of a SubStatement (Comm 2.1.3, related_activities). */
  relatedActivities: string[];
  /** Keys of all agents in it: actor, object, context, members of groups (Comm 2.1.3, related_agents). */
  relatedAgents: string[];
  /** The id of the statement that the object refers to, null where it is none. */
  objectStatement: string | null;
}

/** Collects what {@link StatementIndex} says of a valid statement. */
export function indexStatement(statement: Statement): StatementIndex {
  const activities: string[] = [];
  const agents: string[] = [];
  collect(statement, activities, agents);
  const { object } = statement;
  const objectType = object.objectType ?? 'Activity';
  return {
    objectType,
    activity: objectType === 'Activity' ? (object as Activity).id : '',
    actor: agentKey(statement.actor) ?? '',
    relatedActivities: distinct(activities),
    relatedAgents: distinct(agents),
    objectStatement: object.objectType === 'StatementRef' ? object.id.toLowerCase() : null,
  };
}

function collect(statement: Statement | SubStatement, activities: string[], agents: string[]): void {
  addActor(statement.actor, agents);
  const { object, context } = statement;
  switch (object.objectType) {
    case 'StatementRef':
      break;
    case 'Agent':
    case 'Group':
      addActor(object, agents);
      break;
    case 'SubStatement':
      collect(object, activities, agents);
      break;
    case 'Activity':
    case undefined:
      activities.push(object.id);
  }
  if (context !== undefined) collectContext(context, activities, agents);
}

function collectContext(context: Context, activities: string[], agents: string[]): void {
  const { contextActivities, instructor, team, contextAgents, contextGroups } = context;
  if (instructor !== undefined) addActor(instructor, agents);
  if (team !== undefined) addActor(team, agents);
  if (contextAgents !== undefined) for (const each of contextAgents) addActor(each.agent, agents);
  if (contextGroups !== undefined) for (const each of contextGroups) addActor(each.group, agents);
  if (contextActivities === undefined) return;
  const { parent, grouping, category, other } = contextActivities;
  for (const each of [parent, grouping, category, other]) {
    if (each === undefined) continue;
    if (Array.isArray(each)) for (const { id } of each) activities.push(id);
    else activities.push(each.id);
  }
}

function addActor(actor: Actor, agents: string[]): void {
  const key = agentKey(actor);
  if (key !== null) agents.push(key);
  if (actor.objectType === 'Group') for (const member of actor.member ?? []) addActor(member, agents);
}

/** Searching so many is faster than making a set; a group may have a hundred thousand members. */
const few = 8;

/** Each value once, in the order in which they came. */
function distinct(values: string[]): string[] {
  const { length } = values;
  if (length < 2) return values;
  if (length > few) return [...new Set(values)];
  let kept = 1;
  for (let at = 1; at < length; at += 1) {
    const value = values[at] ?? '';
    if (values.indexOf(value) < at) continue;
    values[kept] = value;
    kept += 1;
  }
  values.length = kept;
  return values;
}
