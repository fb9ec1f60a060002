import { eraseRows } from './erase.ts';
import { selectPiece } from './next-piece.ts';
import type {
  PersonalDataDone,
  PersonalDataPiece,
  PersonalDataReport,
  PersonalDataRequest,
} from './request.ts';
import type { Sql } from '../sql.ts';
import { personalTables, type TableDecisions } from './tables.ts';
import { countFailure, lockWork, trimWork, updateWork, type Work } from './work.ts';

/** How an answer reaches identity, within the transaction of what it tells of. */
export interface PersonalDataTelling<Tx> {
  piece(tx: Tx, piece: PersonalDataPiece): Promise<void>;
  done(tx: Tx, done: PersonalDataDone): Promise<void>;
}

/** Where all that `work` writes is written, or nothing of it. */
export interface Transactions<Tx> {
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

export interface PersonalDataAnswersOptions<Tx extends { readonly sql: Sql }> {
  readonly service: string;
  readonly tables: TableDecisions;
  readonly database: Transactions<Tx>;
  readonly tell: PersonalDataTelling<Tx>;
  /** Erases, where it is more than the tables' rows: what `eraseTables` does is part of it, in the same transaction. */
  readonly erase?:
    | ((
        tx: Tx,
        request: PersonalDataRequest,
        eraseTables: () => Promise<PersonalDataReport[]>,
      ) => Promise<PersonalDataReport[]>)
    | undefined;
  /** Tries until the service says that it can't. Default 10. */
  readonly attempts?: number | undefined;
}

export interface PersonalDataAnswers {
  /**
   * Answers a request to its end. A piece, and that it was told, are one transaction, and so is all of an erasure: a
   * crash, or another instance that does the same, leaves nothing out and tells nothing that differs. Rejects where a
   * step failed and is to be tried again; the last of the tries tells that the service gives up.
   */
  answer(request: PersonalDataRequest, signal?: AbortSignal): Promise<void>;
}

export function createPersonalDataAnswers<Tx extends { readonly sql: Sql }>(
  options: PersonalDataAnswersOptions<Tx>,
): PersonalDataAnswers {
  const { service, database, tell, attempts = 10 } = options;

  /** After the last of the tries, tells so. */
  async function gaveUp(request: PersonalDataRequest, error: unknown): Promise<boolean> {
    return database.transaction(async (tx) => {
      if ((await countFailure(tx.sql, request)) < attempts) return false;
      const work = await lockWork(tx.sql, request);
      await updateWork(tx.sql, request.jobId, { ...work, state: 'FAILED' });
      const failure = `It failed ${attempts} times: ${messageOf(error)}`;
      await tell.done(tx, { ...doneOf(service, request, work), failure });
      return true;
    });
  }

  return {
    async answer(request, signal) {
      if (request.services && !request.services.includes(service)) return;
      try {
        do signal?.throwIfAborted();
        while (await database.transaction((tx) => step(tx, options, request)));
      } catch (error) {
        if (signal?.aborted || !(await gaveUp(request, error))) throw error;
      }
    },
  };
}

/** Answers whether there is more to do. */
async function step<Tx extends { readonly sql: Sql }>(
  tx: Tx,
  options: PersonalDataAnswersOptions<Tx>,
  request: PersonalDataRequest,
): Promise<boolean> {
  const known = await lockWork(tx.sql, request);
  const again = known.eventId !== request.eventId;
  if (known.state !== 'RUNNING' && !again) return false;
  const work: Work = { ...known, eventId: request.eventId, state: 'RUNNING' };
  if (known.state === 'DONE') return finish(tx, options, request, work);
  if (request.kind === 'EXPORT') return exportStep(tx, options, request, work);
  const eraseTables = () => eraseRows(tx.sql, options.tables, request);
  const report = await (options.erase?.(tx, request, eraseTables) ?? eraseTables());
  return finish(tx, options, request, { ...work, report });
}

async function exportStep<Tx extends { readonly sql: Sql }>(
  tx: Tx,
  options: PersonalDataAnswersOptions<Tx>,
  request: PersonalDataRequest,
  work: Work,
): Promise<boolean> {
  const tables = personalTables(options.tables).filter(([, { columns }]) => columns.length > 0);
  const index = Math.max(
    0,
    tables.findIndex(([name]) => name === work.tableName),
  );
  const table = tables[index];
  if (!table) return finish(tx, options, request, work);
  const [tableName, { what }] = table;
  const piece = await selectPiece(tx.sql, table, request, work.after);
  if (!piece) {
    const next = tables[index + 1];
    if (!next) return finish(tx, options, request, work);
    await updateWork(tx.sql, request.jobId, { ...work, tableName: next[0], after: '' });
    return true;
  }
  let { place } = work;
  for (const content of piece.contents) {
    await options.tell.piece(tx, {
      ...headOf(options.service, request),
      place,
      file: `${what}.jsonl`,
      content,
    });
    place += 1;
  }
  const report = counted(work.report, what, piece.rows);
  await updateWork(tx.sql, request.jobId, { ...work, tableName, after: piece.last, place, report });
  return true;
}

async function finish<Tx extends { readonly sql: Sql }>(
  tx: Tx,
  { service, tell }: PersonalDataAnswersOptions<Tx>,
  request: PersonalDataRequest,
  work: Work,
): Promise<false> {
  await updateWork(tx.sql, request.jobId, { ...work, state: 'DONE' });
  await trimWork(tx.sql);
  await tell.done(tx, doneOf(service, request, work));
  return false;
}

const headOf = (service: string, { jobId, organisationId }: PersonalDataRequest) => ({
  jobId,
  organisationId,
  service,
});

const doneOf = (
  service: string,
  request: PersonalDataRequest,
  { place, report }: Work,
): PersonalDataDone => ({
  ...headOf(service, request),
  kind: request.kind,
  pieces: place,
  report: [...report],
});

function counted(report: readonly PersonalDataReport[], what: string, rows: number): PersonalDataReport[] {
  const before = report.find((entry) => entry.what === what);
  const entry = { what, action: 'EXPORTED' as const, count: (before?.count ?? 0) + rows };
  return [...report.filter((other) => other !== before), entry];
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 500);
