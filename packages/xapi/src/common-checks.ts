import { anything, map, text } from './checks.ts';
import { isDuration, isIri, isLanguageTag } from './formats.ts';
import { isTimestamp, isTimestamp20 } from './timestamp.ts';
import { isUuid } from './uuid.ts';

/** The special data types of Data section 4, as checks. */

export const extensions = map(isIri, 'an IRI', anything, 'Data 4.1');

export const languageMap = map(isLanguageTag, 'an RFC 5646 language tag', text('Data 4.2'), 'Data 4.2');

/** An IRI; an IRL is one that can be followed, which no validator can tell. */
export function iri(spec: string) {
  return text(spec, 'an absolute IRI', isIri);
}

export function uuid(spec: string) {
  return text(spec, 'a UUID', isUuid);
}

const timestampForm = 'an ISO 8601 timestamp (2026-11-21T10:00:00Z; never -00:00)';

export function timestamp(spec: string) {
  return text(spec, timestampForm, isTimestamp);
}

/** Of 2.0, which has timestamps by RFC 3339. */
export function timestamp20(spec: string) {
  return text(spec, timestampForm, isTimestamp20);
}

export const duration = text('Data 4.6', 'an ISO 8601 duration (PT1H30M)', isDuration);

export const languageTag = text('Data 2.4.6', 'an RFC 5646 language tag', isLanguageTag);
