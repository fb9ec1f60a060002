import { agentKey } from './agent-key.ts';
import { editElements, editMembers, membersOf, valueOf } from './json-text.ts';
import type { Activity, Actor, Context, Statement, SubStatement } from './statement.ts';

/** An activity with a definition, as a statement has it. */
export interface DefinedActivity {
  id: string;
  /** Equal where nothing else is said of the activity. */
  definition: string;
  /**
   * The definition in parts that are overruled one by one (Data 2.4.4.1), each with its JSON as the client wrote it:
   * `name/en-US`, `description/de`, `type`, `moreInfo`, `extensions/<IRI>`, and `interaction`, which is one whole.
   */
  readonly parts: () => [part: string, json: string][];
}

/** All activities of a valid statement that have a definition, those of its context and SubStatement too. */
export function definitionParts(statement: Statement, text: string): DefinedActivity[] {
  const defined: { id: string; definition: string }[] = [];
  eachActivity(statement, ({ id, definition }) => {
    if (definition !== undefined) defined.push({ id, definition: JSON.stringify(definition) });
  });
  let texts: string[] | undefined;
  return defined.map((each, index) => ({
    ...each,
    parts: () => partsOf((texts ??= definitionTexts(text))[index] ?? '{}'),
  }));
}

/** In the order of the text, which is that of JSON.parse's properties unless one is named by a number; none here is. */
function eachActivity(statement: Statement | SubStatement, visit: (activity: Activity) => void): void {
  for (const key of Object.keys(statement)) {
    if (key === 'object') visitObject(statement.object, visit);
    if (key === 'context' && statement.context) visitContext(statement.context, visit);
  }
}

function visitObject(object: Statement['object'], visit: (activity: Activity) => void): void {
  if (object.objectType === 'SubStatement') eachActivity(object, visit);
  else if (object.objectType === undefined || object.objectType === 'Activity') visit(object);
}

function visitContext({ contextActivities = {} }: Context, visit: (activity: Activity) => void): void {
  for (const each of Object.values(contextActivities)) {
    if (Array.isArray(each)) for (const activity of each as Activity[]) visit(activity);
    else visit(each as Activity);
  }
}

function definitionTexts(text: string): string[] {
  const texts: string[] = [];
  editActivities(text, (activity) => {
    for (const member of membersOf(activity)) if (member.key === 'definition') texts.push(valueOf(member));
    return activity;
  });
  return texts;
}

/** A statement's text with each activity's text as `edit` makes it. */
export function editActivities(text: string, edit: (activity: string) => string): string {
  return editMembers(text, (value, key) => {
    if (key === 'object') return editObject(value, edit);
    return key === 'context' ? editContext(value, edit) : value;
  });
}

function editObject(text: string, edit: (activity: string) => string): string {
  const { objectType = 'Activity' } = JSON.parse(text) as { objectType?: string };
  if (objectType === 'SubStatement') return editActivities(text, edit);
  return objectType === 'Activity' ? edit(text) : text;
}

function editContext(text: string, edit: (activity: string) => string): string {
  return editMembers(text, (value, key) =>
    key !== 'contextActivities'
      ? value
      : editMembers(value, (list) => (list.startsWith('[') ? editElements(list, edit) : edit(list))),
  );
}

const interaction = new Set([
  'interactionType',
  'correctResponsesPattern',
  'choices',
  'scale',
  'source',
  'target',
  'steps',
]);

function partsOf(definition: string): [string, string][] {
  const members = membersOf(definition);
  const whole = members.filter(({ key }) => interaction.has(key));
  const parts = members
    .filter(({ key }) => !interaction.has(key))
    .flatMap((member): [string, string][] =>
      member.key === 'name' || member.key === 'description' || member.key === 'extensions'
        ? membersOf(valueOf(member)).map((each) => [`${member.key}/${each.key}`, valueOf(each)])
        : [[member.key, valueOf(member)]],
    );
  if (whole.length === 0) return parts;
  return [...parts, ['interaction', `{${whole.map(({ text }) => text).join(',')}}`]];
}

/** The JSON of a definition of these parts, in one order whatever theirs. */
export function joinDefinition(parts: ReadonlyMap<string, string>): string {
  const members: string[] = [];
  for (const map of ['name', 'description']) addMap(members, map, parts);
  for (const one of ['type', 'moreInfo']) {
    const value = parts.get(one);
    if (value !== undefined) members.push(`"${one}":${value}`);
  }
  const whole = parts.get('interaction');
  if (whole !== undefined) members.push(whole.slice(1, -1));
  addMap(members, 'extensions', parts);
  return `{${members.join(',')}}`;
}

function addMap(members: string[], name: string, parts: ReadonlyMap<string, string>): void {
  const own = [...parts].filter(([part]) => part.startsWith(`${name}/`)).sort();
  if (own.length === 0) return;
  const entries = own.map(([part, json]) => `${JSON.stringify(part.slice(name.length + 1))}:${json}`);
  members.push(`"${name}":{${entries.join(',')}}`);
}

/** Agents and identified groups of a valid statement that have a name, the authority aside. */
export function namedAgents(statement: Statement): { key: string; name: string }[] {
  const named: { key: string; name: string }[] = [];
  visitActors(statement, (actor) => {
    const key = agentKey(actor);
    if (key !== null && actor.name !== undefined) named.push({ key, name: actor.name });
  });
  return named;
}

function visitActors(
  { actor, object, context }: Statement | SubStatement,
  visit: (actor: Actor) => void,
): void {
  visitActor(actor, visit);
  if (object.objectType === 'Agent' || object.objectType === 'Group') visitActor(object, visit);
  if (object.objectType === 'SubStatement') visitActors(object, visit);
  if (context === undefined) return;
  const { instructor, team, contextAgents = [], contextGroups = [] } = context;
  if (instructor) visitActor(instructor, visit);
  if (team) visitActor(team, visit);
  for (const { agent } of contextAgents) visitActor(agent, visit);
  for (const { group } of contextGroups) visitActor(group, visit);
}

function visitActor(actor: Actor, visit: (actor: Actor) => void): void {
  visit(actor);
  if (actor.objectType === 'Group') for (const member of actor.member ?? []) visit(member);
}
