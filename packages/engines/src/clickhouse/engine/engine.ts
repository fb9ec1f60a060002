import path from 'node:path';
import { EngineError, messageOf } from '../../errors.ts';
import { quoteIdentifier, quoteString } from '../sql/quote.ts';
import type { ChdbAddon, NativeConnection, NativeResult } from './addon.ts';
import { commandLine, querySettings, serverSettings } from './configuration.ts';

/** The engine, open on its data directory. */
export interface Engine {
  readonly version: string;
  readonly timezone: string;
  /** Content type by format name. */
  readonly contentTypes: ReadonlyMap<string, string>;
  connect(): EngineConnection;
  /** Asks the query that was run under `tag` to end, if it is registered by now; does not wait until it has. */
  cancel(tag: string): Promise<void>;
  close(): void;
}

/** A connection with its own settings, current database and temporary tables. One call at a time. */
export interface EngineConnection {
  /** Runs `sql`. Its rows, if it has any, come back in `format`, all in memory. */
  run(sql: string, format?: string): Promise<NativeResult>;
  close(): void;
}

/** What a statement runs under. */
export interface QueryContext {
  /** To find the running query by; see {@link Engine.cancel}. */
  tag: string;
  database: string | undefined;
  settings: ReadonlyMap<string, string>;
  parameters: ReadonlyMap<string, string>;
  roles: readonly string[];
  /** Of the statement, in bytes; undefined: as the connection has it. */
  maxQuerySize: number | undefined;
}

/**
 * Opens the engine. One process at a time can.
 *
 * @throws EngineError `ENGINE_FAILED`
 */
export async function openEngine(addon: ChdbAddon, directory: string): Promise<Engine> {
  const data = path.resolve(directory);
  const root = openRoot(addon, data);
  const connect = (): EngineConnection =>
    connection(addon, addon.CreateConnection(data, commandLine(querySettings)));
  const facts = await readFacts(root);
  return {
    ...facts,
    connect,
    cancel: oneAtATime(async (tag: string) => {
      await root.run(`KILL QUERY WHERE Settings['log_comment'] = ${quoteString(tag)} ASYNC`);
    }),
    close: () => {
      root.close();
    },
  };
}

/** The statements that put a connection into `context`. */
export function contextStatements(context: QueryContext): string {
  const settings = new Map([...context.settings, ['log_comment', context.tag]]);
  const assignments = [
    ...[...settings].map(([name, value]) => `${settingName(name)} = ${quoteString(value)}`),
    ...[...context.parameters].map(
      ([name, value]) => `${settingName(`param_${name}`)} = ${quoteString(value)}`,
    ),
  ];
  const roles =
    context.roles.length === 0 ? '' : `SET ROLE ${context.roles.map(quoteIdentifier).join(', ')};\n`;
  const use = context.database === undefined ? '' : `USE ${quoteIdentifier(context.database)};\n`;
  // Last, since it would limit the other settings and the parameters too.
  const size = context.maxQuerySize === undefined ? '' : `SET max_query_size = ${context.maxQuerySize};\n`;
  return `${roles}SET ${assignments.join(', ')};\n${use}${size}`;
}

// Bare where it can be, as SET reads it; whatever else was sent reaches the engine quoted, which then names it unknown.
function settingName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_.]*$/.test(name) ? name : quoteIdentifier(name);
}

function openRoot(addon: ChdbAddon, data: string): EngineConnection {
  try {
    return connection(
      addon,
      addon.CreateConnection(data, commandLine({ ...serverSettings, ...querySettings })),
    );
  } catch (error) {
    throw new EngineError(
      'ENGINE_FAILED',
      `The embedded ClickHouse did not open ${data}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function connection(addon: ChdbAddon, handle: NativeConnection): EngineConnection {
  return {
    run: (sql, format = 'TabSeparated') => addon.QueryAsyncConnection(handle, sql, format),
    close: () => {
      addon.CloseConnection(handle);
    },
  };
}

// The engine would make calls on one connection wait for each other too, but each on a thread of libuv's pool.
function oneAtATime<Argument>(call: (argument: Argument) => Promise<void>): typeof call {
  let last: Promise<void> = Promise.resolve();
  return (argument) => {
    const next = last.then(() => call(argument));
    last = next.catch(() => undefined);
    return next;
  };
}

async function readFacts(
  root: EngineConnection,
): Promise<Pick<Engine, 'version' | 'timezone' | 'contentTypes'>> {
  const { bytes } = await root.run('SELECT version(), timezone()', 'JSONCompactEachRow');
  const [version, timezone] = JSON.parse(bytes.toString()) as [string, string];
  const formats = await root.run(
    'SELECT groupArray((name, content_type)) FROM system.formats WHERE is_output',
    'JSONCompactEachRow',
  );
  const [pairs] = JSON.parse(formats.bytes.toString()) as [[string, string][]];
  return { version, timezone, contentTypes: new Map(pairs) };
}
