import type { NewFault } from '../../store/imports.ts';
import type { Database } from '../../store/store.ts';
import { recordAct } from '../audit.ts';
import { checkRow, type CheckedRow } from './check-row.ts';
import { LeftError, type ImportRun } from './import-run.ts';
import { readRows, UnreadableFileError, type FileRow } from './read-rows.ts';
import { importerOf } from './run-step.ts';
import { commitStep } from './write-step.ts';

/** Rows that are written in one transaction. */
const stepSize = 500;
const mostRows = 200_000;
/** Faults that are kept of an import; those beyond are counted. */
const mostFaults = 1_000;
/** How often an import is taken on without a step. */
export const mostAttempts = 10;

/**
 * One that never gets past its next step, since it fails or takes its worker down with it, is given up: else it would be
 * taken on for ever, before all others of its organisation.
 */
export async function attemptImport(run: ImportRun): Promise<void> {
  const { attempts, line } = run.job;
  const failure = `The import could not go on after line ${line}: it was tried ${mostAttempts} times.`;
  if (attempts > mostAttempts) return finish(run, failure);
  try {
    await runImport(run);
  } catch (error) {
    if (!(error instanceof LeftError) && attempts === mostAttempts) await finish(run, failure);
    throw error;
  }
}

/** From the line where the import stands to the end of its file. */
async function runImport(run: ImportRun): Promise<void> {
  const { job, store } = run;
  const seen = new Map<string, number>();
  let { line: done, faults: kept } = job;
  let read = 0;
  const take = async (rows: readonly FileRow[]) => {
    read += rows.length;
    if (read > mostRows) throw new UnreadableFileError(`The file has more than ${mostRows} rows.`);
    const { good, faulty } = sorted(rows, seen, done);
    const last = rows.at(-1)?.line ?? done;
    if (last <= done) return;
    const rowCount = rows.filter(({ line }) => line > done).length;
    kept += await commitStep(run, { good, faulty, line: last, rows: rowCount, room: mostFaults - kept });
    done = last;
  };
  try {
    await readRows(piecesOf(store, job.id), stepSize, take);
    await finish(run, null);
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    await finish(run, error.message);
  }
}

/** The rows after a line that have no fault, and the faults of the others. A person stands in a file once. */
function sorted(rows: readonly FileRow[], seen: Map<string, number>, after: number) {
  const good: CheckedRow[] = [];
  const faulty: NewFault[] = [];
  for (const row of rows) {
    const checked = checkRow(row);
    const faults = 'length' in checked ? checked : repetitions(checked, seen);
    if (row.line <= after) continue;
    if (faults.length > 0) faulty.push(...faults);
    else if (!('length' in checked)) good.push(checked);
  }
  return { good, faulty };
}

function repetitions({ line, email, externalId }: CheckedRow, seen: Map<string, number>): NewFault[] {
  const keys = [
    ['email', email],
    ...(externalId === undefined ? [] : [['external_id', externalId]]),
  ] as const;
  return keys.flatMap(([column = '', value = '']) => {
    const key = `${column}:${value}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, line);
    return first === undefined ? [] : [{ line, column, reason: `Line ${first} has the same.` }];
  });
}

async function finish({ store, job, worker }: ImportRun, failure: string | null): Promise<void> {
  await store.transaction(async (tx) => {
    const { id, organisationId } = job;
    const finished = await tx.imports.updateFinished({ id, organisationId, worker }, failure);
    if (!finished) throw new LeftError();
    const { created, updated, unchanged, faultyRows } = finished;
    await recordAct(tx, {
      act: 'people-import.finish',
      by: importerOf(job),
      organisationId,
      subjectId: id,
      changes: {
        state: ['RUNNING', finished.state],
        rows: [null, { created, updated, unchanged, faultyRows }],
      },
    });
  });
}

async function* piecesOf(store: Database, importId: string): AsyncGenerator<Uint8Array> {
  for (let place = 0; ; place += 1) {
    const piece = await store.imports.selectPiece(importId, place);
    if (!piece) return;
    yield piece;
  }
}
