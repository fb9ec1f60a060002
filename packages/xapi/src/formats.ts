/**
 * The text formats that xAPI borrows from other standards. Each function says whether a text is one.
 *
 * JSON can write half a surrogate pair (`"\ud800"`), which no Unicode text has: UTF-8 can't hold it (RFC 3629, 3),
 * PostgreSQL refuses it, and an identifier that lost it would equal others. No identifier has one.
 */

/**
 * Scheme, colon, then characters that RFC 3987 allows in an IRI. Percent signs are not checked to be followed
 * by two digits: tools in the field send such IRIs, and nothing here decodes them.
 */
// eslint-disable-next-line no-control-regex -- control characters are what it must refuse
const iri = /^[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>"{}|\\^`\p{Cs}]+$/u;

/** An absolute IRI (Data 4.3). */
export function isIri(text: string): boolean {
  return iri.test(text);
}

const mailto = /^mailto:[^\s\p{Cc}\p{Cs}@<>()[\]\\,;:"]+@[^\s\p{Cc}\p{Cs}@<>()[\]\\,;:"]+$/iu;

/** `mailto:` and one address (Data 2.4.2.3). */
export function isMailto(text: string): boolean {
  return mailto.test(text);
}

const halfPair = /\p{Cs}/u;

/** A text without half a surrogate pair, which every Unicode text is. */
export function isWellFormed(text: string): boolean {
  return !halfPair.test(text);
}

const hex40 = /^[0-9a-f]{40}$/i;

/** A SHA-1 digest in hexadecimal. */
export function isSha1(text: string): boolean {
  return hex40.test(text);
}

const hex = /^[0-9a-f]+$/i;
const sha2Lengths = new Set([56, 64, 96, 128]);

/** A SHA-2 digest (224, 256, 384 or 512 bits) in hexadecimal (Data 2.4.11). */
export function isSha2(text: string): boolean {
  return sha2Lengths.has(text.length) && hex.test(text);
}

const languageTag =
  /^(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wy-z\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?$|^x(?:-[a-z\d]{1,8})+$|^i-[a-z]+$/i;

/** A well-formed language tag (RFC 5646, 2.1; `i-` for the grandfathered ones). */
export function isLanguageTag(text: string): boolean {
  return languageTag.test(text);
}

const mediaType =
  /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:[ \t]*;[ \t]*[\w!#$&^.+-]+=(?:[\w!#$&^.+-]+|"[^"\p{Cc}\p{Cs}]*"))*$/u;

/** An Internet media type, with parameters or without (RFC 2045). It can stand in a header: it has no line breaks. */
export function isMediaType(text: string): boolean {
  return mediaType.test(text);
}

const duration =
  /^P(?:\d+(?:[.,]\d+)?W|(?=[\dT])(?:\d+(?:[.,]\d+)?Y)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?D)?(?:T(?=\d)(?:\d+(?:[.,]\d+)?H)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?S)?)?)$/;

/** Only the smallest unit of a duration may have a fraction (ISO 8601, 5.5.2.3). */
const earlyFraction = /[.,]\d+[A-Z].*\d/;

/** An ISO 8601 duration with designators (Data 4.6). */
export function isDuration(text: string): boolean {
  return duration.test(text) && !earlyFraction.test(text);
}
