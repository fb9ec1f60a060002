import { createCursor, IncompleteError } from './cursor.ts';
import { skipColumn } from './column.ts';

/** From this protocol version on, a byte in front of each column's data tells of a serialization of its own. */
const REVISION_WITH_CUSTOM_SERIALIZATION = 54_454;

/** Field 1, is_overflows: false; field 2, bucket_num: -1; end. What every block says that is no part of an aggregation. */
const BLOCK_INFO = Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0]);
const PLAIN_SERIALIZATION = Buffer.from([0]);

/** Bytes after which the first attempt to read a block is made. */
const FIRST_ATTEMPT_BYTES = 16 * 1024;

/**
 * Puts a result in the format Native, as the engine writes it (protocol version 0), into the version that the client
 * announced with `client_protocol_version`: clickhouse-go, and with it Grafana's plug-in, reads no other.
 * Source: ClickHouse, src/Formats/NativeWriter.cpp.
 */
export async function* reframeNative(
  source: AsyncIterable<Buffer>,
  revision: number,
): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  let arriving: Buffer[] = [];
  let arrived = 0;
  for await (const chunk of source) {
    arriving.push(chunk);
    arrived += chunk.length;
    // A block is read anew from its beginning each time: only when the bytes have doubled, so that the work stays linear.
    if (arrived < Math.max(pending.length, FIRST_ATTEMPT_BYTES)) continue;
    pending = Buffer.concat([pending, ...arriving]);
    arriving = [];
    arrived = 0;
    pending = yield* wholeBlocks(pending, revision);
  }
  pending = yield* wholeBlocks(Buffer.concat([pending, ...arriving]), revision);
  if (pending.length > 0) throw new Error('the result ends in the midst of a block');
}

// Gives out the blocks that are complete, and returns the rest.
function* wholeBlocks(bytes: Buffer, revision: number): Generator<Buffer, Buffer> {
  let from = 0;
  while (from < bytes.length) {
    const block = reframeBlock(bytes, from, revision);
    if (block === undefined) break;
    yield block.bytes;
    from = block.end;
  }
  return bytes.subarray(from);
}

function reframeBlock(
  bytes: Buffer,
  from: number,
  revision: number,
): { bytes: Buffer; end: number } | undefined {
  const parts: Buffer[] = [BLOCK_INFO];
  const cursor = createCursor(bytes, from);
  let copied = from;
  try {
    const columns = cursor.readVarUint();
    const rows = cursor.readVarUint();
    for (let column = 0; column < columns; column += 1) {
      cursor.readString();
      const type = cursor.readString();
      parts.push(bytes.subarray(copied, cursor.position));
      if (revision >= REVISION_WITH_CUSTOM_SERIALIZATION) parts.push(PLAIN_SERIALIZATION);
      copied = cursor.position;
      skipColumn(cursor, type, rows);
    }
  } catch (error) {
    if (error instanceof IncompleteError) return undefined;
    throw error;
  }
  parts.push(bytes.subarray(copied, cursor.position));
  return { bytes: Buffer.concat(parts), end: cursor.position };
}
