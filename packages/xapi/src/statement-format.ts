import { editActivities } from './definitions.ts';
import { editElements, editMembers, membersOf, valueOf } from './json-text.ts';
import type { ChooseLanguage } from './language.ts';

/**
 * The formats of statements that are read (Communication 2.1.3), made from the text that is kept: whatever a format
 * leaves alone keeps every byte.
 */

/** As it is kept, but for each kind of context activities, which is given as a list where it came as one (Data 2.4.6.2). */
export function exactFormat(text: string): string {
  if (!text.includes('"contextActivities"')) return text;
  return editMembers(text, (value, key) => {
    if (key === 'object') return isSubStatement(value) ? exactFormat(value) : value;
    if (key !== 'context') return value;
    return editMembers(value, (own, name) =>
      name !== 'contextActivities'
        ? own
        : editMembers(own, (list) => (list.startsWith('[') ? list : `[${list}]`)),
    );
  });
}

function isSubStatement(object: string): boolean {
  return (JSON.parse(object) as { objectType?: string }).objectType === 'SubStatement';
}

/** Only what identifies agents, activities, verbs and groups; of an anonymous group, what identifies its members. */
export function idsFormat(text: string): string {
  return editMembers(text, (value, key) => {
    switch (key) {
      case 'actor':
      case 'authority':
        return actorIds(value);
      case 'verb':
        return only(value, ['id']);
      case 'object':
        return objectIds(value);
      case 'context':
        return contextIds(value);
      default:
        return value;
    }
  });
}

const identifiers = ['objectType', 'mbox', 'mbox_sha1sum', 'openid', 'account'];

function actorIds(text: string): string {
  const actor = JSON.parse(text) as Record<string, unknown>;
  const isIdentified = identifiers.slice(1).some((name) => Object.hasOwn(actor, name));
  if (actor['objectType'] !== 'Group' || isIdentified) return only(text, identifiers);
  return editMembers(only(text, ['objectType', 'member']), (value, key) =>
    key === 'member' ? editElements(value, actorIds) : value,
  );
}

function objectIds(text: string): string {
  const { objectType = 'Activity' } = JSON.parse(text) as { objectType?: string };
  if (objectType === 'Agent' || objectType === 'Group') return actorIds(text);
  if (objectType === 'SubStatement') return idsFormat(text);
  return objectType === 'Activity' ? activityIds(text) : text;
}

/** An object without a type is an Activity. */
const activityIds = (text: string) => only(text, ['id']);

function contextIds(text: string): string {
  return editMembers(text, (value, key) => {
    switch (key) {
      case 'instructor':
      case 'team':
        return actorIds(value);
      case 'contextActivities':
        return editMembers(value, (list) =>
          list.startsWith('[') ? editElements(list, activityIds) : activityIds(list),
        );
      case 'contextAgents':
        return editElements(value, (each) =>
          editMembers(each, (own, name) => (name === 'agent' ? actorIds(own) : own)),
        );
      case 'contextGroups':
        return editElements(value, (each) =>
          editMembers(each, (own, name) => (name === 'group' ? actorIds(own) : own)),
        );
      default:
        return value;
    }
  });
}

function only(text: string, names: readonly string[]): string {
  return editMembers(text, (value, key) => (names.includes(key) ? value : undefined));
}

/** The ids of all activities in a statement's text. */
export function activityIdsOf(text: string): string[] {
  const ids: string[] = [];
  editActivities(text, (activity) => {
    ids.push((JSON.parse(activity) as { id: string }).id);
    return activity;
  });
  return ids;
}

export interface CanonicalOptions {
  /** JSON by an activity's id; an activity that is not here keeps the definition that its statement has. */
  readonly definitions: ReadonlyMap<string, string>;
  readonly choose: ChooseLanguage;
}

/** Activities with their canonical definitions, and one language in each of their language maps and the verb's. */
export function canonicalFormat(text: string, { definitions, choose }: CanonicalOptions): string {
  const withVerb = editVerbs(text, choose);
  return editActivities(withVerb, (activity) => {
    const { id, definition } = JSON.parse(activity) as { id: string; definition?: unknown };
    const canonical = definitions.get(id);
    const whole =
      canonical === undefined || definition !== undefined
        ? editMembers(activity, (value, key) => (key === 'definition' ? (canonical ?? value) : value))
        : `${activity.slice(0, -1)},"definition":${canonical}}`;
    return editMembers(whole, (value, key) => (key === 'definition' ? oneLanguage(value, choose) : value));
  });
}

function editVerbs(text: string, choose: ChooseLanguage): string {
  return editMembers(text, (value, key) => {
    if (key === 'verb')
      return editMembers(value, (map, name) => (name === 'display' ? chosen(map, choose) : map));
    return key === 'object' && isSubStatement(value) ? editVerbs(value, choose) : value;
  });
}

const components = new Set(['choices', 'scale', 'source', 'target', 'steps']);

function oneLanguage(definition: string, choose: ChooseLanguage): string {
  return editMembers(definition, (value, key) => {
    if (key === 'name' || key === 'description') return chosen(value, choose);
    if (!components.has(key)) return value;
    return editElements(value, (each) =>
      editMembers(each, (map, name) => (name === 'description' ? chosen(map, choose) : map)),
    );
  });
}

function chosen(map: string, choose: ChooseLanguage): string {
  const members = membersOf(map);
  if (members.length < 2) return map;
  const language = choose(members.map(({ key }) => key));
  const [member] = members.filter(({ key }) => key === language);
  return member === undefined ? map : `{${JSON.stringify(member.key)}:${valueOf(member)}}`;
}
