import { agentKey } from './agent-key.ts';
import { editElements, editMembers, withoutMembers } from './json-text.ts';
import type { Account, Actor } from './statement.ts';

/** A person who is to be in statements under a pseudonym only. */
export interface ErasedPerson {
  /** Whether a key (agentKey, an mbox in lower case: {@link comparableKey}) is theirs. */
  isNamedBy(key: string): boolean;
  /** What names them from now on. */
  readonly pseudonym: Account;
}

/** Mailboxes are compared without their case, as people write them; everything else to the letter. */
export function comparableKey(key: string): string {
  return /^mailto:/i.test(key) ? key.toLowerCase() : key;
}

/**
 * A statement's text in which the person is nobody but their pseudonym. Every agent that is theirs, wherever it stands
 * (actor, object, members of groups, instructor, team, the agents of a context, authority, and all of these in a
 * SubStatement), becomes the account, without a name. Of what they did themselves the words go: response, attachments,
 * and extensions that hold a text. An extension that holds their address goes from anybody's statement.
 *
 * Verbs, scores, times, ids, and other people stay, and with them every byte: numbers beyond a double too. A statement
 * that names only the pseudonym comes back as it is.
 *
 * @param text valid JSON of a valid statement
 */
export function erasePerson(text: string, person: ErasedPerson): string {
  const isOwn = isTheirs(actorOf(text), person);
  return editMembers(text, (value, key) => {
    switch (key) {
      case 'actor':
      case 'authority':
        return eraseActor(value, person);
      case 'object':
        return eraseObject(value, person);
      case 'result':
        return eraseResult(value, person, isOwn);
      case 'context':
        return eraseContext(value, person, isOwn);
      case 'attachments':
        return isOwn ? undefined : value;
      default:
        return value;
    }
  });
}

function actorOf(text: string): Actor {
  return (JSON.parse(text) as { actor: Actor }).actor;
}

function isTheirs(actor: Actor, person: ErasedPerson): boolean {
  const key = agentKey(actor);
  return key !== null && person.isNamedBy(comparableKey(key));
}

function eraseActor(text: string, person: ErasedPerson): string {
  const actor = JSON.parse(text) as Actor;
  if (actor.objectType === 'Group') return eraseGroup(text, actor, person);
  if (!isTheirs(actor, person) || isPseudonym(actor, person)) return text;
  return JSON.stringify({ objectType: 'Agent', account: person.pseudonym });
}

/** The members are themselves, and so is a group with an identifier of its own. */
function eraseGroup(text: string, group: Actor, person: ErasedPerson): string {
  const members = editMembers(text, (value, key) =>
    key === 'member' ? editElements(value, (member) => eraseActor(member, person)) : value,
  );
  if (!isTheirs(group, person) || isPseudonym(group, person)) return members;
  const rest = withoutMembers(members, ['name', 'mbox', 'mbox_sha1sum', 'openid', 'account']);
  return `${rest.slice(0, -1)},"account":${JSON.stringify(person.pseudonym)}}`;
}

function isPseudonym({ name, account }: Actor, { pseudonym }: ErasedPerson): boolean {
  return name === undefined && account?.homePage === pseudonym.homePage && account.name === pseudonym.name;
}

function eraseObject(text: string, person: ErasedPerson): string {
  const { objectType } = JSON.parse(text) as { objectType?: string };
  if (objectType === 'SubStatement') return erasePerson(text, person);
  return objectType === 'Agent' || objectType === 'Group' ? eraseActor(text, person) : text;
}

function eraseResult(text: string, person: ErasedPerson, isOwn: boolean): string {
  return editMembers(text, (value, key) => {
    if (key === 'response') return isOwn ? undefined : value;
    return key === 'extensions' ? eraseExtensions(value, person, isOwn) : value;
  });
}

function eraseContext(text: string, person: ErasedPerson, isOwn: boolean): string {
  return editMembers(text, (value, key) => {
    switch (key) {
      case 'instructor':
      case 'team':
        return eraseActor(value, person);
      case 'contextAgents':
        return eraseEach(value, 'agent', person);
      case 'contextGroups':
        return eraseEach(value, 'group', person);
      case 'extensions':
        return eraseExtensions(value, person, isOwn);
      default:
        return value;
    }
  });
}

function eraseEach(text: string, name: string, person: ErasedPerson): string {
  return editElements(text, (element) =>
    editMembers(element, (value, key) => (key === name ? eraseActor(value, person) : value)),
  );
}

/** Only tools know what their extensions mean: numbers and truths count, texts may be anything about the person. */
function eraseExtensions(text: string, person: ErasedPerson, isOwn: boolean): string {
  return editMembers(text, (value, key) => {
    const texts = [key, ...textsOf(JSON.parse(value))];
    return (isOwn && texts.length > 1) || texts.some((each) => hasAddress(each, person)) ? undefined : value;
  });
}

/** All texts at any depth, names of members included. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return Object.entries(value).flatMap(([key, each]) => [
    ...(hasAddressForm(key) ? [key] : []),
    ...textsOf(each),
  ]);
}

const addresses = /[^\s"'<>()[\]{},;:=/?&|]+@[^\s"'<>()[\]{},;:=/?&|]+/gu;

const hasAddressForm = (text: string) => text.includes('@');

function hasAddress(text: string, person: ErasedPerson): boolean {
  if (!hasAddressForm(text)) return false;
  return [...text.matchAll(addresses)].some(([address]) =>
    person.isNamedBy(comparableKey(`mailto:${address.replace(/\.+$/, '')}`)),
  );
}
