import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { EventLogFormatError } from '../errors.ts';

/**
 * Looks at the head of lmdb's file before lmdb maps it: lmdb would crash the process on a file that is not its own
 * or was cut short, and make an empty one anew.
 *
 * The layout is MDB_page_header and MDB_meta of data version 2, little-endian (mdb.c in lmdb's source): two meta
 * pages, of which the one with the higher transaction id counts.
 */
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const META = {
  magic: 24,
  version: 28,
  pageSize: 48,
  freeRoot: 88,
  mainRoot: 136,
  lastPage: 144,
  transaction: 152,
};
const META_BYTES = 168;
const NO_ROOT = 0xffffffffffffffffn;
/** Pages at the end may never have been written, when the transaction that took them also freed them. */
const UNWRITTEN_BYTES = 64 * 2 ** 20;

interface Meta {
  readonly pageSize: number;
  readonly roots: readonly bigint[];
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

/** @throws EventLogFormatError having changed nothing */
export function checkDataFile(directory: string): void {
  const path = join(directory, 'data.mdb');
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    const reason = faultOf(file);
    if (reason !== undefined) throw new EventLogFormatError(directory, `data.mdb ${reason}`);
  } finally {
    closeSync(file);
  }
}

/**
 * Another process may write meanwhile. It writes pages before the head that names them, so the size is taken after the
 * head was read; and a fault counts only where the head stayed the same.
 */
function faultOf(file: number): string | undefined {
  for (;;) {
    const head = readHead(file);
    const { size } = fstatSync(file);
    const reason = faultIn(head, size);
    if (reason === undefined || isDeepStrictEqual(head, readHead(file))) return reason;
  }
}

type Head = readonly [first: Meta | undefined, second: Meta | undefined];

function readHead(file: number): Head {
  const first = readMeta(file, 0);
  return [first, first && readMeta(file, first.pageSize)];
}

function faultIn([first, second]: Head, size: number): string | undefined {
  // Made, and then the process died before it could write: nothing was ever acknowledged.
  if (size === 0) return undefined;
  if (first === undefined) return 'is not a data file of lmdb, or of another version';
  if (second === undefined) return 'is damaged in its head';
  const meta = first.transaction > second.transaction ? first : second;
  const bytesTo = (page: bigint) => Number(page + 1n) * meta.pageSize;
  const cut = meta.roots.some((root) => root !== NO_ROOT && bytesTo(root) > size);
  return cut || bytesTo(meta.lastPage) > size + UNWRITTEN_BYTES ? 'was cut short' : undefined;
}

function readMeta(file: number, position: number): Meta | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(file, bytes, 0, META_BYTES, position) < META_BYTES) return undefined;
  if (bytes.readUInt32LE(META.magic) !== MAGIC || bytes.readUInt32LE(META.version) !== DATA_VERSION)
    return undefined;
  return {
    pageSize: bytes.readUInt32LE(META.pageSize),
    roots: [bytes.readBigUInt64LE(META.freeRoot), bytes.readBigUInt64LE(META.mainRoot)],
    lastPage: bytes.readBigUInt64LE(META.lastPage),
    transaction: bytes.readBigUInt64LE(META.transaction),
  };
}
