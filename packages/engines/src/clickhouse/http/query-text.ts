import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { ClickHouseException } from '../exception.ts';
import { findDataInsert, type DataInsert } from '../sql/data-insert.ts';
import { readStatement, type Statement } from '../sql/statement.ts';
import { decodedBody, engineCompressionOf } from './body.ts';

/** The rows of an insert: bytes, and how they are compressed, in the engine's words. */
export interface Rows {
  body: Readable | AsyncIterable<Buffer> | Iterable<Buffer>;
  compression: string;
}

/** A request's statement, with the rows where it is an insert of rows. */
export type Query =
  Exclude<Statement, { kind: 'data-insert' }> | { kind: 'data-insert'; insert: DataInsert; rows: Rows };

/** Longest statement; a server's max_query_size stops at a quarter of it unless raised. */
const MAX_STATEMENT_BYTES = 1024 * 1024;

/**
 * Puts the statement together as a server does: the parameter `query`, a line end, the body. Where the parameter alone
 * is an insert of rows, the body is rows and nothing else, and is not even unpacked here.
 *
 * @param message the request, unless its body has been read as a form
 */
export async function readQuery(parameter: string, message: IncomingMessage | undefined): Promise<Query> {
  if (message?.method !== 'POST') return withoutBody(parameter);
  const insert = parameter === '' ? undefined : findDataInsert(parameter);
  if (insert !== undefined)
    return { kind: 'data-insert', insert, rows: rowsBehind(parameter, insert, message) };
  const prefix = parameter === '' ? [] : [Buffer.from(`${parameter}\n`)];
  return fromBody(joined(prefix, decodedBody(message)));
}

function withoutBody(text: string): Query {
  const statement = readStatement(text);
  if (statement.kind !== 'data-insert') return statement;
  return {
    ...statement,
    rows: { body: [Buffer.from(text.slice(statement.insert.dataStart))], compression: 'none' },
  };
}

function rowsBehind(parameter: string, insert: DataInsert, message: IncomingMessage): Rows {
  const inline = parameter.slice(insert.dataStart);
  if (inline.trim() === '') return { body: message, compression: engineCompressionOf(message) };
  return { body: joined([Buffer.from(`${inline}\n`)], decodedBody(message)), compression: 'none' };
}

async function* joined(first: readonly Buffer[], rest: Readable): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest as AsyncIterable<Buffer>;
}

// Reads on until the insert's rows begin or the text ends. Offsets are those of bytes: latin1 maps them one to one.
async function fromBody(body: AsyncGenerator<Buffer>): Promise<Query> {
  let head = Buffer.alloc(0);
  for (let next = await body.next(); next.done !== true; next = await body.next()) {
    head = Buffer.concat([head, next.value]);
    const insert = couldBeInsert(head) ? findDataInsert(head.toString('latin1')) : undefined;
    // Rows must have begun: the format's name could go on in the next piece.
    if (insert !== undefined && insert.dataStart < head.length) return dataInsert(head, insert, body);
    if (head.length > MAX_STATEMENT_BYTES) throw tooLong();
  }
  const insert = findDataInsert(head.toString('latin1'));
  return insert === undefined ? withoutBody(head.toString()) : dataInsert(head, insert, body);
}

function couldBeInsert(head: Buffer): boolean {
  return /insert/i.test(head.toString('latin1', 0, 4096));
}

function dataInsert(head: Buffer, insert: DataInsert, rest: AsyncGenerator<Buffer>): Query {
  const rows = { body: concatenated(head.subarray(insert.dataStart), rest), compression: 'none' };
  const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString();
  return { kind: 'data-insert', insert: reencoded(insert, utf8), rows };
}

// With input(), offsets into the head are used later, so the head is cut there first.
function reencoded(insert: DataInsert, utf8: (text: string) => string): DataInsert {
  const { head, settings, input } = insert;
  const recoded = { ...insert, head: utf8(head), settings: utf8(settings) };
  if (input === undefined) return recoded;
  const start = utf8(head.slice(0, input.start)).length;
  const end = start + utf8(head.slice(input.start, input.end)).length;
  return { ...recoded, input: { start, end, structure: utf8(input.structure) } };
}

async function* concatenated(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* rest;
}

function tooLong(): ClickHouseException {
  return new ClickHouseException(
    62,
    'SYNTAX_ERROR',
    `Max query size exceeded (can be increased with the \`max_query_size\` setting up to ${MAX_STATEMENT_BYTES})`,
  );
}
