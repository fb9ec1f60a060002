import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { fromHarmlessCell } from '../formula-cells.ts';
import { headerFault, type Column } from './columns.ts';

/** A row of the file. */
export interface FileRow {
  /** The line of the file in which it begins; the first is 1. */
  readonly line: number;
  /** By column; undefined where the file has no such column, or the row has too few cells. */
  readonly cells: Readonly<Partial<Record<Column, string>>>;
  /** How many cells the row has, and how many the first line names. */
  readonly width: number;
  readonly columns: number;
}

/** The file as a whole can't be read from some line on; the message is for people. */
export class UnreadableFileError extends Error {
  override name = 'UnreadableFileError';
}

const longestRow = 100_000;
const longestHeader = 10_000;

/**
 * Reads a CSV file (RFC 4180) piece by piece, and hands on its rows so many at a time: with or without a byte order
 * mark, with LF or CRLF, commas or, as spreadsheets write them where a comma is the decimal sign, semicolons.
 *
 * @throws UnreadableFileError
 */
export async function readRows(
  pieces: AsyncIterable<Uint8Array>,
  batchSize: number,
  take: (rows: readonly FileRow[]) => Promise<void>,
): Promise<void> {
  const { delimiter, all } = await peek(pieces);
  const parser = parse({
    bom: true,
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    info: true,
    max_record_size: longestRow,
  });
  const source = Readable.from(all);
  // Not by stream.pipeline: where the reader throws, that waits for a source that nobody reads any more.
  source.on('error', (error) => parser.destroy(error)).pipe(parser);
  try {
    await inBatches(parser as AsyncIterable<ParsedRecord>, batchSize, take);
  } catch (error) {
    throw error instanceof CsvError
      ? new UnreadableFileError(`The file is not CSV: ${error.message}.`)
      : error;
  } finally {
    source.destroy();
  }
}

interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

async function inBatches(
  records: AsyncIterable<ParsedRecord>,
  batchSize: number,
  take: (rows: readonly FileRow[]) => Promise<void>,
): Promise<void> {
  let header: readonly string[] | undefined;
  let batch: FileRow[] = [];
  for await (const { record, info } of records) {
    if (header === undefined) {
      header = checkedHeader(record);
      continue;
    }
    batch.push(rowOf(header, record, info.lines));
    if (batch.length < batchSize) continue;
    await take(batch);
    batch = [];
  }
  if (header === undefined) throw new UnreadableFileError('The file is empty.');
  if (batch.length > 0) await take(batch);
}

function checkedHeader(record: readonly string[]): readonly string[] {
  const header = record.map((name) => name.toLowerCase());
  const fault = headerFault(header);
  if (fault !== undefined) throw new UnreadableFileError(fault);
  return header;
}

/** `lastLine`: the one in which the row ends; within its cells are the line breaks before. */
function rowOf(header: readonly string[], record: readonly string[], lastLine: number): FileRow {
  const within = record.reduce((sum, cell) => sum + (cell.match(/\r\n?|\n/g)?.length ?? 0), 0);
  const cells = Object.fromEntries(
    header.flatMap((name, place) => {
      const cell = record[place];
      return cell === undefined ? [] : [[name, fromHarmlessCell(cell)]];
    }),
  );
  return { line: lastLine - within, cells, width: record.length, columns: header.length };
}

/** What divides the cells, as the first line shows, and the whole file again. */
async function peek(pieces: AsyncIterable<Uint8Array>) {
  const iterator = pieces[Symbol.asyncIterator]();
  let begun = Buffer.alloc(0);
  let ended = false;
  while (!ended && !begun.includes('\n') && begun.length < longestHeader) {
    const next: IteratorResult<Uint8Array, unknown> = await iterator.next();
    if (next.done === true) ended = true;
    else begun = Buffer.concat([begun, next.value]);
  }
  const firstLine = begun.toString('utf8').split(/\r|\n/, 1)[0] ?? '';
  const delimiter = firstLine.includes(';') && !firstLine.includes(',') ? ';' : ',';
  async function* all(): AsyncGenerator<Uint8Array> {
    yield begun;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  }
  return { delimiter, all: all() };
}
