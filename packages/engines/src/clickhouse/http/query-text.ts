import type { IncomingMessage } from 'node:http';
import { MAX_QUERY_SIZE } from '../engine/configuration.ts';
import { findDataInsert, type DataInsert } from '../sql/data-insert.ts';
import { readPlainStatement, type PlainStatement } from '../sql/statement.ts';
import { decodedBody, engineCompressionOf, plainBody } from './body.ts';
import { requireSize } from './query-size.ts';

/** The rows of an insert: bytes, and how they are compressed, in the engine's words. */
export interface Rows {
  body: AsyncIterable<Buffer> | Iterable<Buffer>;
  compression: string;
}

/** A request's statement, with the rows where it is an insert of rows. */
export type Query = PlainStatement | { kind: 'data-insert'; insert: DataInsert; rows: Rows };

/**
 * Puts the statement together as a server does: the parameter `query`, a line end, the body. Where the parameter alone
 * is an insert of rows, the body is rows and nothing else, and is not even unpacked here.
 *
 * @param message the request, unless its body has been read as a form
 * @param limit how long the statement may be, in bytes
 * @throws ClickHouseException SYNTAX_ERROR for a longer one
 */
export async function readQuery(
  parameter: string,
  message: IncomingMessage | undefined,
  limit: number,
): Promise<Query> {
  if (message?.method !== 'POST') return withoutBody(parameter, limit);
  const insert = parameter === '' ? undefined : findDataInsert(parameter);
  if (insert !== undefined) {
    requireSize(Buffer.from(parameter.slice(0, insert.dataStart)), limit);
    return { kind: 'data-insert', insert, rows: rowsBehind(parameter, insert, message) };
  }
  const prefix = parameter === '' ? [] : [Buffer.from(`${parameter}\n`)];
  return fromBody(joined(prefix, decodedBody(message)), limit);
}

function withoutBody(text: string, limit: number): Query {
  const insert = findDataInsert(text);
  requireSize(Buffer.from(text.slice(0, insert?.dataStart)), limit);
  if (insert === undefined) return readPlainStatement(text);
  const rows = { body: [Buffer.from(text.slice(insert.dataStart))], compression: 'none' };
  return { kind: 'data-insert', insert, rows };
}

function rowsBehind(parameter: string, insert: DataInsert, message: IncomingMessage): Rows {
  const inline = parameter.slice(insert.dataStart);
  if (inline.trim() === '') return { body: plainBody(message), compression: engineCompressionOf(message) };
  return { body: joined([Buffer.from(`${inline}\n`)], decodedBody(message)), compression: 'none' };
}

async function* joined(first: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

// Reads on until the insert's rows begin or the text ends. Offsets are those of bytes: latin1 maps them one to one.
async function fromBody(body: AsyncGenerator<Buffer>, limit: number): Promise<Query> {
  let head: Buffer = Buffer.alloc(0);
  let pieces: Buffer[] = [];
  let bytes = 0;
  for (let next = await body.next(); next.done !== true; next = await body.next()) {
    pieces.push(next.value);
    bytes += next.value.length;
    // Looked at anew only when it has doubled, so that a long one is not read over and over.
    if (bytes < head.length && head.length + bytes <= MAX_QUERY_SIZE) continue;
    head = Buffer.concat([head, ...pieces]);
    [pieces, bytes] = [[], 0];
    const insert = couldBeInsert(head) ? findDataInsert(head.toString('latin1')) : undefined;
    // Rows must have begun: the format's name could go on in the next piece.
    if (insert !== undefined && insert.dataStart < head.length) return dataInsert(head, insert, body, limit);
    if (head.length > MAX_QUERY_SIZE) requireSize(head, limit);
  }
  const whole = Buffer.concat([head, ...pieces]);
  const insert = findDataInsert(whole.toString('latin1'));
  return insert === undefined ? withoutBody(whole.toString(), limit) : dataInsert(whole, insert, body, limit);
}

function couldBeInsert(head: Buffer): boolean {
  return /insert/i.test(head.toString('latin1', 0, 4096));
}

function dataInsert(head: Buffer, insert: DataInsert, rest: AsyncGenerator<Buffer>, limit: number): Query {
  requireSize(head.subarray(0, insert.dataStart), limit);
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
