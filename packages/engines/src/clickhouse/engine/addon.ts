import { createRequire } from 'node:module';
import { EngineError, messageOf } from '../../errors.ts';

/** A native connection to the engine: a context of its own (settings, current database, temporary tables). */
export type NativeConnection = object;

/** What the native call answers. `bytes` is the result in the format asked for. */
export interface NativeResult {
  bytes: Buffer;
  /** Seconds. */
  elapsed: number;
  rowsRead: number;
  bytesRead: number;
}

/** The part of chdb's native addon that is used here. */
export interface ChdbAddon {
  /** Of the library, as in `26.7.3`. Opens nothing. */
  EngineVersion(): string;
  CreateConnection(directory: string, engineArguments?: readonly string[]): NativeConnection;
  CloseConnection(connection: NativeConnection): void;
  /** Runs statements, separated by semicolons, on a thread of libuv's pool; one call at a time on a connection. */
  QueryAsyncConnection(connection: NativeConnection, sql: string, format: string): Promise<NativeResult>;
}

/**
 * Loads chdb's native addon of this platform.
 *
 * Not its Session class: closing a Session waits for every call that runs anywhere in the process, so that a
 * connection for each request would pile up behind one long query; and its insert() lets the engine's client-side
 * parser end the rows at the first blank line, and run what follows as SQL.
 *
 * @throws EngineError `BINARIES_MISSING`
 */
export function loadChdb(): ChdbAddon {
  const name = `@chdb/lib-${platformName()}`;
  try {
    // Resolved from chdb, whose optional dependency it is.
    const require = createRequire(createRequire(import.meta.url).resolve('chdb'));
    return require(name) as ChdbAddon;
  } catch (error) {
    throw new EngineError(
      'BINARIES_MISSING',
      `No embedded ClickHouse for ${process.platform}-${process.arch}: ${name} can't be loaded (${messageOf(error)}). ` +
        'Run npm ci again without --omit=optional, or set CLICKHOUSE_URL to a ClickHouse server.',
      { cause: error },
    );
  }
}

function platformName(): string {
  const suffix = process.platform === 'linux' ? '-gnu' : '';
  return `${process.platform}-${process.arch}${suffix}`;
}
