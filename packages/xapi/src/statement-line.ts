import type { StampedStatement } from './stamp.ts';
import { indexStatement, type StatementIndex } from './statement-index.ts';
import { formatMicros, timestampMicros } from './timestamp.ts';

/**
 * The form of one statement on the log: the line that ClickHouse takes as one row of TabSeparated, so that the
 * writer into ClickHouse passes bytes on and neither parses nor prints. The last column is the statement's text.
 *
 * https://clickhouse.com/docs/interfaces/formats/TabSeparated says what is escaped and how.
 */
export const statementColumns = [
  'id',
  'stored',
  'timestamp',
  'verb',
  'object_type',
  'activity',
  'actor',
  'registration',
  'related_activities',
  'related_agents',
  'object_statement',
  'success',
  'completion',
  'score_scaled',
  'authority',
  'statement',
] as const;

const none = '\\N';

const escapes: Record<string, string> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\b': '\\b',
  '\f': '\\f',
  '\0': '\\0',
  "'": "\\'",
};

const special = /[\\\t\n\r\b\f\0']/g;

function escaped(text: string): string {
  return text.search(special) < 0 ? text : text.replace(special, (each) => escapes[each] ?? each);
}

/** JSON has no raw control characters within strings, which leaves the backslash. */
function escapedJson(text: string): string {
  return text.includes('\\') ? text.replaceAll('\\', '\\\\') : text;
}

function array(values: readonly string[]): string {
  let line = '[';
  for (const value of values) line += `${line.length > 1 ? ',' : ''}'${escaped(value)}'`;
  return `${line}]`;
}

const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

const earliest = timestampMicros('1900-01-01T00:00:00Z');
const latest = timestampMicros('2299-12-31T23:59:59.999999Z');

/** `2026-11-21 10:00:00.000000`: finer digits are cut, since beyond 19 ClickHouse reads no number. */
const dateTimeLength = 26;

/** As ClickHouse writes a DateTime64, within its range of years; the text keeps the exact value. */
function dateTime(timestamp: string): string {
  const year = timestamp.slice(0, 4);
  const fits = utc.test(timestamp) && year >= '1900' && year < '2300' && !timestamp.includes(':60');
  const iso = fits && !timestamp.includes('T24') ? timestamp : normalised(timestamp);
  return `${iso.slice(0, 10)} ${iso.slice(11, Math.min(iso.length - 1, dateTimeLength))}`;
}

function normalised(timestamp: string): string {
  const micros = timestampMicros(timestamp);
  return formatMicros(micros < earliest ? earliest : micros > latest ? latest : micros);
}

function flag(value: boolean | undefined): string {
  return value === undefined ? none : value ? '1' : '0';
}

/** What of a line says who is in the statement, with the text. */
export interface PeopleColumns {
  actor: string;
  relatedAgents: readonly string[];
  authority: string;
  text: string;
}

/** A line, without its line break, with other people in it. */
export function replacePeople(line: string, people: PeopleColumns): string {
  const columns = line.split('\t');
  const put = (name: (typeof statementColumns)[number], value: string) => {
    columns[statementColumns.indexOf(name)] = value;
  };
  put('actor', escaped(people.actor));
  put('related_agents', array(people.relatedAgents));
  put('authority', escaped(people.authority));
  put('statement', escapedJson(people.text));
  return columns.join('\t');
}

export interface EncodedLine {
  line: string;
  index: StatementIndex;
}

/** The line, with its line break, and what it was indexed by. */
export function encodeLine(stamped: StampedStatement): EncodedLine {
  const { statement } = stamped;
  const { result, context } = statement;
  const index = indexStatement(statement);
  const line = `${stamped.id}\t${dateTime(stamped.stored)}\t${dateTime(stamped.timestamp)}\t${escaped(statement.verb.id)}\t${
    index.objectType
  }\t${escaped(index.activity)}\t${escaped(index.actor)}\t${context?.registration ?? none}\t${array(
    index.relatedActivities,
  )}\t${array(index.relatedAgents)}\t${index.objectStatement ?? none}\t${flag(result?.success)}\t${flag(
    result?.completion,
  )}\t${String(result?.score?.scaled ?? none)}\t${escaped(stamped.authority)}\t${escapedJson(stamped.text)}\n`;
  return { line, index };
}
