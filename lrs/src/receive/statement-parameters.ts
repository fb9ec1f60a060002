import { agentKey, isIri, isTimestamp, isUuid } from '@lyceum/xapi';
import type { StatementFormat } from '../query/more-cursor.ts';
import { isComparable, largestLimit, type StatementFilter } from '@lyceum/xapi/query';
import { readActor } from './agent-parameter.ts';
import { requireKnown } from './known-parameters.ts';
import { refusals } from './xapi-error.ts';

/** What GET /xapi/statements asks for: one statement, or a page of those that a filter finds. */
export type StatementsRequest = Presentation & (OneStatement | ManyStatements);

/** How statements are given, one or many. */
export interface Presentation {
  readonly format: StatementFormat;
  readonly attachments: boolean;
}

export interface OneStatement {
  readonly statementId: string;
  /** By voidedStatementId: only if it is voided. */
  readonly voided: boolean;
}

export interface ManyStatements {
  readonly filter: StatementFilter;
  readonly limit: number;
}

const defaultLimit = 100;

/** Beside an id only these make sense (Communication 2.1.3). */
const besideId = new Set(['format', 'attachments']);

const formats = ['ids', 'exact', 'canonical'] as const;

const known = new Set([
  ...besideId,
  'statementId',
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
  requireKnown(parameters, known);
  const presentation = { format: readFormat(parameters), attachments: flag(parameters, 'attachments') };
  for (const name of ['statementId', 'voidedStatementId']) {
    const id = parameters.get(name);
    if (id === null) continue;
    const other = [...parameters.keys()].find((each) => each !== name && !besideId.has(each));
    if (other !== undefined) throw refusals.parameter(other, `does not go with ${name}`);
    return { ...presentation, statementId: uuid(name, id), voided: name === 'voidedStatementId' };
  }
  return { ...presentation, filter: readFilter(parameters), limit: readLimit(parameters) };
}

function readFormat(parameters: URLSearchParams): StatementFormat {
  const format = parameters.get('format') ?? 'exact';
  const known = formats.find((each) => each === format);
  if (known === undefined) throw refusals.parameter('format', `must be one of ${formats.join(', ')}`);
  return known;
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

/** An Agent or identified Group. */
function agent(name: string, value: string): string {
  const bad = (reason: string) => refusals.parameter(name, reason);
  const key = agentKey(readActor(value, { bad, wanted: 'an Agent or a Group' }));
  if (key === null) throw refusals.parameter(name, 'must have an identifier');
  return key;
}
