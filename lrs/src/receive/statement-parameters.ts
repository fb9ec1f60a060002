import { agentKey, isIri, isTimestamp, isUuid, validateStatements, type Actor } from '@lyceum/xapi';
import { isComparable, largestLimit, type StatementFilter } from '../query/statement-filter.ts';
import { refusals } from './xapi-error.ts';

/** What GET /xapi/statements asks for: one statement, or a page of those that a filter finds. */
export type StatementsRequest =
  { readonly statementId: string } | { readonly filter: StatementFilter; readonly limit: number };

const defaultLimit = 100;

/** Beside statementId only these make sense (Communication 2.1.3). */
const besideId = new Set(['statementId', 'format', 'attachments']);

const known = new Set([
  ...besideId,
  'voidedStatementId',
  'agent',
  'verb',
  'activity',
  'registration',
  'related_activities',
  'related_agents',
  'since',
  'until',
  'limit',
  'ascending',
]);

/** @throws XapiError 400 for a parameter that is unknown, wrongly cased, given twice, or has a wrong value */
export function readStatementsRequest(parameters: URLSearchParams): StatementsRequest {
  requireKnown(parameters);
  requireThere(parameters);
  const statementId = parameters.get('statementId');
  if (statementId === null) return { filter: readFilter(parameters), limit: readLimit(parameters) };
  const other = [...parameters.keys()].find((name) => !besideId.has(name));
  if (other !== undefined) throw refusals.parameter(other, 'does not go with statementId');
  return { statementId: uuid('statementId', statementId) };
}

function requireKnown(parameters: URLSearchParams): void {
  const seen = new Set<string>();
  for (const name of parameters.keys()) {
    if (!known.has(name)) throw refusals.parameter(name, 'is unknown; case matters');
    if (seen.has(name)) throw refusals.parameter(name, 'is given twice');
    seen.add(name);
  }
}

/** The rest of the standard that comes later: said, never ignored. */
function requireThere(parameters: URLSearchParams): void {
  if (parameters.has('voidedStatementId')) throw refusals.parameter('voidedStatementId', 'is not there yet');
  const format = parameters.get('format') ?? 'exact';
  if (format !== 'exact') throw refusals.parameter('format', 'only exact is there yet');
  flag(parameters, 'attachments');
}

function readFilter(parameters: URLSearchParams): StatementFilter {
  const get = <T>(name: string, read: (name: string, value: string) => T): T | undefined => {
    const value = parameters.get(name);
    return value === null ? undefined : read(name, value);
  };
  const filter = {
    agent: get('agent', agent),
    verb: get('verb', iri),
    activity: get('activity', iri),
    registration: get('registration', uuid),
    since: get('since', timestamp),
    until: get('until', timestamp),
    ...(flag(parameters, 'related_agents') && { relatedAgents: true }),
    ...(flag(parameters, 'related_activities') && { relatedActivities: true }),
    ascending: flag(parameters, 'ascending'),
  };
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as StatementFilter;
}

/** 0 asks for as many as the server gives (Communication 2.1.3). */
function readLimit(parameters: URLSearchParams): number {
  const value = parameters.get('limit');
  if (value === null) return defaultLimit;
  if (!/^\d{1,9}$/.test(value)) throw refusals.parameter('limit', 'must be a whole number, 0 or more');
  return Number(value) === 0 ? largestLimit : Math.min(Number(value), largestLimit);
}

function flag(parameters: URLSearchParams, name: string): boolean {
  const value = parameters.get(name) ?? 'false';
  if (value !== 'true' && value !== 'false') throw refusals.parameter(name, 'must be true or false');
  return value === 'true';
}

function uuid(name: string, value: string): string {
  if (!isUuid(value)) throw refusals.parameter(name, 'must be a UUID');
  return value.toLowerCase();
}

function iri(name: string, value: string): string {
  if (!isIri(value)) throw refusals.parameter(name, 'must be an absolute IRI');
  return value;
}

/** With its zone kept. */
function timestamp(name: string, value: string): string {
  if (!isTimestamp(value)) throw refusals.parameter(name, 'must be an ISO 8601 timestamp');
  if (!isComparable(value)) throw refusals.parameter(name, 'must be between the years 1900 and 2299');
  return value;
}

/** An Agent or identified Group as JSON, held against the same rules as in a statement. */
function agent(name: string, value: string): string {
  const key = agentKey(parseActor(name, value));
  if (key === null) throw refusals.parameter(name, 'must have an identifier');
  return key;
}

function parseActor(name: string, value: string): Actor {
  let actor: unknown;
  try {
    actor = JSON.parse(value);
  } catch {
    throw refusals.parameter(name, 'must be an Agent or a Group as JSON');
  }
  const probe = { actor, verb: { id: 'urn:lyceum:any' }, object: { id: 'urn:lyceum:any' } };
  const [fault] = validateStatements(probe);
  if (fault !== undefined)
    throw refusals.parameter(name, `${fault.path.slice('actor.'.length)} ${fault.reason}`.trim());
  return actor as Actor;
}
