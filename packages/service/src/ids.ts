import { fromUUIDBytes, typeid } from 'typeid-js';

/** A new TypeID: the type's prefix and a UUIDv7, such as `course_01k9…` (https://github.com/jetify-com/typeid). */
export function newId(prefix: string): string {
  return typeid(prefix).toString();
}

/** The TypeID of a UUID that is there already, given as its 16 bytes. */
export const idOf = (prefix: string, uuid: Uint8Array): string => fromUUIDBytes(prefix, uuid);

/** The prefix of a TypeID, by which `node(id:)` finds its owner; undefined where the text is not one. */
export function idPrefix(id: string): string | undefined {
  return /^([a-z](?:[a-z_]{0,61}[a-z])?)_[0-7][0-9a-hjkmnp-tv-z]{25}$/.exec(id)?.[1];
}
