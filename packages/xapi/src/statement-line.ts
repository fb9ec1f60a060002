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

function array(values: readonly string[], put = escaped): string {
  let line = '[';
  for (const value of values) line += line.length > 1 ? `,'${put(value)}'` : `'${put(value)}'`;
  return `${line}]`;
}

const earliest = timestampMicros('1900-01-01T00:00:00Z');
const latest = timestampMicros('2299-12-31T23:59:59.999999Z');

/** `2026-11-21 10:00:00.000000`: finer digits are cut, since beyond 19 ClickHouse reads no number. */
const dateTimeLength = 26;

const [colon, six, dot, upperT, upperZ] = [58, 54, 46, 84, 90];

/** As ClickHouse writes a DateTime64, within its range of years; the text keeps the exact value. */
function dateTime(timestamp: string): string {
  const iso = isPlainUtc(timestamp) ? timestamp : normalised(timestamp);
  return `${iso.slice(0, 10)} ${iso.slice(11, Math.min(iso.length - 1, dateTimeLength))}`;
}

/** Of a valid timestamp: whether it is `2026-11-21T10:00:00.123Z`, in a year that fits, and no leap second or 24:00. */
function isPlainUtc(timestamp: string): boolean {
  const { length } = timestamp;
  const fraction = timestamp.charCodeAt(19);
  return (
    timestamp.charCodeAt(length - 1) === upperZ &&
    (fraction === dot || (fraction === upperZ && length === 20)) &&
    timestamp.charCodeAt(10) === upperT &&
    timestamp.charCodeAt(16) === colon &&
    timestamp.charCodeAt(17) < six &&
    !timestamp.startsWith('24', 11) &&
    timestamp >= '1900' &&
    timestamp < '2300'
  );
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
  /** All columns but the last, and the last: together a line without its line break. */
  columns: string;
  text: string;
  index: StatementIndex;
}

/** The line in two parts, each made once (as one text both would be copied once more), and what it was indexed by. */
export function encodeLine(stamped: StampedStatement): EncodedLine {
  const { statement, text } = stamped;
  const { result, context } = statement;
  const index = indexStatement(statement);
  // All texts of the columns are in the statement's own: where nothing is escaped there, nothing is to be escaped here.
  const put = text.includes('\\') || text.includes("'") ? escaped : asItIs;
  const columns = `${stamped.id}\t${dateTime(stamped.stored)}\t${dateTime(stamped.timestamp)}\t${put(statement.verb.id)}\t${
    index.objectType
  }\t${put(index.activity)}\t${put(index.actor)}\t${context?.registration ?? none}\t${array(
    index.relatedActivities,
    put,
  )}\t${array(index.relatedAgents, put)}\t${index.objectStatement ?? none}\t${flag(result?.success)}\t${flag(
    result?.completion,
  )}\t${String(result?.score?.scaled ?? none)}\t${put(stamped.authority)}\t`;
  return { columns, text: put === asItIs ? text : escapedJson(text), index };
}

function asItIs(text: string): string {
  return text;
}
