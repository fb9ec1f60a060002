import { agentKey, formatMicros, isIri, isUuid, timestampMicros } from '@lyceum/xapi';
import { isComparable } from '@lyceum/xapi/query';
import type { DocumentContext, DocumentKind } from '../store/documents.ts';
import { readActor } from './agent-parameter.ts';
import { requireKnown } from './known-parameters.ts';
import { refusals, type XapiError } from './xapi-error.ts';

/** What a request to a document resource is about: one document, or all of a context. */
export interface DocumentsRequest {
  readonly context: DocumentContext;
  readonly id?: string;
  /** An instant with microseconds, UTC: of a context, the documents that were changed after it. */
  readonly since?: string;
}

interface Names {
  readonly id: string;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly spec: string;
}

const names: Readonly<Record<DocumentKind, Names>> = {
  STATE: {
    id: 'stateId',
    required: ['activityId', 'agent'],
    optional: ['registration'],
    spec: 'Communication 2.3',
  },
  AGENT_PROFILE: { id: 'profileId', required: ['agent'], optional: [], spec: 'Communication 2.6' },
  ACTIVITY_PROFILE: { id: 'profileId', required: ['activityId'], optional: [], spec: 'Communication 2.7' },
};

/** Bytes of an id; the database's index takes a little more. */
const longestId = 1_000;

/** @throws XapiError 400 for a parameter that is unknown, wrongly cased, given twice, missing, or has a wrong value */
export function readDocumentsRequest(
  { kind, organisationId }: Pick<DocumentContext, 'kind' | 'organisationId'>,
  parameters: URLSearchParams,
): DocumentsRequest {
  const { id: idName, required, optional, spec } = names[kind];
  const bad = (name: string, reason: string) => refusals.parameter(name, `${reason} (${spec})`);
  requireKnown(parameters, [idName, 'since', ...required, ...optional], bad);
  const missing = required.find((name) => !parameters.has(name));
  if (missing !== undefined) throw bad(missing, 'is missing');
  const get = (name: string, read: Reader) => {
    const value = parameters.get(name);
    return value === null ? undefined : read(value, (reason) => bad(name, reason));
  };
  const given = { id: get(idName, readId), since: get('since', readSince) };
  const context = {
    activity: get('activityId', readIri),
    agent: get('agent', readAgent),
    registration: get('registration', readUuid),
  };
  return { context: { organisationId, kind, ...withoutAbsent(context) }, ...withoutAbsent(given) };
}

/** @throws XapiError 400 where no document is named, or a time, which goes with none */
export function requireOne({ context, id, since }: DocumentsRequest): string {
  if (id === undefined) throw refusals.parameter(names[context.kind].id, 'is missing');
  refuseSince(since);
  return id;
}

/** @throws XapiError 400 */
export function refuseSince(since: string | undefined): void {
  if (since !== undefined) throw refusals.parameter('since', 'only goes with a list of ids');
}

type Reader = (value: string, bad: (reason: string) => XapiError) => string;

const readIri: Reader = (value, bad) => {
  if (!isIri(value) || hasNul(value)) throw bad('must be an absolute IRI');
  return value;
};

const readUuid: Reader = (value, bad) => {
  if (!isUuid(value)) throw bad('must be a UUID');
  return value.toLowerCase();
};

const readId: Reader = (value, bad) => {
  if (value === '') throw bad('must not be empty');
  if (hasNul(value)) throw bad('must not have a NUL');
  if (Buffer.byteLength(value) > longestId) throw bad(`must have at most ${String(longestId)} bytes`);
  return value;
};

const readSince: Reader = (value, bad) => {
  if (!isComparable(value)) throw bad('must be an ISO 8601 timestamp between the years 1900 and 2299');
  return formatMicros(timestampMicros(value));
};

/** An Agent, compared by its identifier. */
const readAgent: Reader = (value, bad) => {
  const actor = readActor(value, { bad, wanted: 'an Agent' });
  const key = actor.objectType === 'Group' ? null : agentKey(actor);
  if (key === null || hasNul(key)) throw bad('must be an Agent, not a Group');
  return key;
};

/** PostgreSQL's text has none. */
const hasNul = (text: string) => text.includes('\0');

function withoutAbsent<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
