import { isJsonObject, kindOf, list, literal, object, text, type Check, type JsonObject } from './checks.ts';
import { iri } from './common-checks.ts';
import type { Walk } from './fault.ts';
import { isMailto, isSha1, isWellFormed } from './formats.ts';

/** Actors: Data 2.4.2. */

const account = object({
  spec: 'Data 2.4.2.4',
  properties: {
    homePage: iri('Data 2.4.2.4'),
    name: text('Data 2.4.2.4', 'a string of whole Unicode characters', isWellFormed),
  },
  required: ['homePage', 'name'],
});

const identifiers: Record<string, Check> = {
  mbox: text('Data 2.4.2.3', 'mailto: and one e-mail address', isMailto),
  mbox_sha1sum: text('Data 2.4.2.3', 'the SHA-1 of a mailto IRI as 40 hexadecimal digits', isSha1),
  openid: iri('Data 2.4.2.3'),
  account,
};

/** Each by its name, which is faster than a list of names; nothing in JSON is undefined. */
function identifierCount({ mbox, mbox_sha1sum: sum, openid, account: own }: JsonObject): number {
  return (
    Number(mbox !== undefined) +
    Number(sum !== undefined) +
    Number(openid !== undefined) +
    Number(own !== undefined)
  );
}

function oneIdentifier(value: JsonObject, walk: Walk): void {
  const count = identifierCount(value);
  if (count === 1) return;
  const names = 'one of mbox, mbox_sha1sum, openid and account';
  walk.fault(
    count === 0 ? `must have ${names}` : `must have only ${names}, has ${String(count)}`,
    'Data 2.4.2.3',
  );
}

export const agent = object({
  spec: 'Data 2.4.2.1',
  properties: { objectType: literal('Agent', 'Data 2.4.2.1'), name: text('Data 2.4.2.1'), ...identifiers },
  rules: oneIdentifier,
});

/** Anonymous with members, or identified by exactly one identifier, with members or without. */
function groupIdentity(value: JsonObject, walk: Walk): void {
  if (identifierCount(value) === 0) {
    if (!Object.hasOwn(value, 'member')) walk.fault('must have an identifier, or members', 'Data 2.4.2.2');
  } else oneIdentifier(value, walk);
}

export const group = object({
  spec: 'Data 2.4.2.2',
  properties: {
    objectType: literal('Group', 'Data 2.4.2.2'),
    name: text('Data 2.4.2.2'),
    member: list(agent, 'Data 2.4.2.2'),
    ...identifiers,
  },
  required: ['objectType'],
  rules: groupIdentity,
});

/** An Agent, which need not say that it is one, or a Group, which must. */
export function actor(spec: string): Check {
  return (value, walk) => {
    if (!isJsonObject(value)) walk.fault(`must be an Agent or a Group, is ${kindOf(value)}`, spec);
    else (value['objectType'] === 'Group' ? group : agent)(value, walk);
  };
}

/** An Agent, or the pair of Agents that three-legged OAuth makes (Data 2.4.9). */
export const authority: Check = (value, walk) => {
  actor('Data 2.4.9')(value, walk);
  if (!isJsonObject(value) || value['objectType'] !== 'Group') return;
  const { member } = value;
  if (identifierCount(value) > 0 || !Array.isArray(member) || member.length !== 2) {
    walk.fault('a Group as authority must be anonymous with exactly two Agents', 'Data 2.4.9');
  }
};
