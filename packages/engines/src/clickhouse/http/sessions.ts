import type { Engine, EngineConnection } from '../engine/engine.ts';
import { ClickHouseException } from '../exception.ts';
import { quoteIdentifier, quoteString } from '../sql/quote.ts';
import type { QueryRequest } from './request.ts';

/** The connections behind `session_id`: settings, current database and temporary tables live as long as they do. */
export interface Sessions {
  /**
   * The session's connection, for one query; give it back when the query has ended.
   *
   * @throws ClickHouseException SESSION_NOT_FOUND (with session_check), SESSION_IS_LOCKED (another query runs in it)
   */
  borrow(session: NonNullable<QueryRequest['session']>): BorrowedSession;
  close(): void;
}

/** A session in use. */
export interface BorrowedSession {
  connection: EngineConnection;
  giveBack(): void;
}

interface Entry {
  connection: EngineConnection;
  busy: boolean;
  expiry: NodeJS.Timeout | undefined;
}

/** Sessions on `engine`. A session not used for its timeout is closed. */
export function createSessions(engine: Engine): Sessions {
  const entries = new Map<string, Entry>();

  function open(id: string, mustExist: boolean): Entry {
    if (mustExist) throw new ClickHouseException(372, 'SESSION_NOT_FOUND', `Session ${id} not found`);
    const entry: Entry = { connection: engine.connect(), busy: false, expiry: undefined };
    entries.set(id, entry);
    return entry;
  }
  function expire(id: string, entry: Entry): void {
    entries.delete(id);
    entry.connection.close();
  }
  return {
    borrow({ id, timeoutMs, mustExist }) {
      const entry = entries.get(id) ?? open(id, mustExist);
      if (entry.busy)
        throw new ClickHouseException(
          373,
          'SESSION_IS_LOCKED',
          `Session ${id} is locked by a concurrent client`,
        );
      entry.busy = true;
      clearTimeout(entry.expiry);
      const giveBack = (): void => {
        entry.busy = false;
        entry.expiry = setTimeout(() => {
          expire(id, entry);
        }, timeoutMs).unref();
      };
      return { connection: entry.connection, giveBack };
    },
    close() {
      for (const [id, entry] of entries) {
        clearTimeout(entry.expiry);
        expire(id, entry);
      }
    },
  };
}

/**
 * Runs `use` on the session's connection, then takes back the settings and the database that were the request's alone:
 * what a query itself has SET stays.
 */
export async function withSession<Result>(
  sessions: Sessions,
  session: NonNullable<QueryRequest['session']>,
  request: Pick<QueryRequest, 'settings' | 'maxQuerySize' | 'database'>,
  use: (connection: EngineConnection) => Promise<Result>,
): Promise<Result> {
  const borrowed = sessions.borrow(session);
  const { connection } = borrowed;
  try {
    const restore = await restoringStatements(connection, request);
    return await use(connection).finally(() => (restore === '' ? undefined : connection.run(restore)));
  } finally {
    borrowed.giveBack();
  }
}

async function restoringStatements(
  connection: EngineConnection,
  request: Pick<QueryRequest, 'settings' | 'maxQuerySize' | 'database'>,
): Promise<string> {
  const names = [
    ...request.settings.keys(),
    ...(request.maxQuerySize === undefined ? [] : ['max_query_size']),
  ];
  const assignments = names.length === 0 ? [] : await presentValues(connection, names);
  const statements = assignments.length === 0 ? [] : [`SET ${assignments.join(', ')}`];
  if (request.database !== undefined) {
    const { bytes } = await connection.run('SELECT currentDatabase()', 'TabSeparatedRaw');
    statements.push(`USE ${quoteIdentifier(bytes.toString().trimEnd())}`);
  }
  return statements.join(';\n');
}

async function presentValues(connection: EngineConnection, names: readonly string[]): Promise<string[]> {
  const list = names.map((name) => quoteString(name)).join(', ');
  const query = `SELECT name, value, changed FROM system.settings WHERE name IN (${list})`;
  const { bytes } = await connection.run(query, 'JSONCompactEachRow');
  const rows = bytes.toString().split('\n').filter(Boolean);
  return rows
    .map((row) => JSON.parse(row) as [string, string, number])
    .map(([name, value, changed]) => `${name} = ${changed === 1 ? quoteString(value) : 'DEFAULT'}`);
}
