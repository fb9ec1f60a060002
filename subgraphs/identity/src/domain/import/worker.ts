import { setTimeout as delay } from 'node:timers/promises';
import { isUniqueViolation } from '@lyceum/postgres';
import { expanded, newId, ROLES, type Logger } from '@lyceum/service';
import type { IdentityEvents } from '../../events/identity-events.ts';
import type { NewFault, PeopleImport } from '../../store/imports.ts';
import type { Database, Store } from '../../store/store.ts';
import { recordAct } from '../audit.ts';
import { heldNow } from '../machine-rights.ts';
import { checkRow, type CheckedRow } from './check-row.ts';
import { readRows, UnreadableFileError, type FileRow } from './read-rows.ts';
import { importerOf, runStep } from './run-step.ts';

export interface ImportWorker {
  start(): void;
  /** An import waits: it need not be polled for. */
  wake(): void;
  /** Waits for the step under way; the import goes on in another instance, or after the next start. */
  stop(): Promise<void>;
}

/** Rows that are written in one transaction. */
const stepSize = 500;
const mostRows = 200_000;
/** Faults that are kept of an import; those beyond are counted. */
const mostFaults = 1_000;
const pollMs = 2_000;
/** How often an import is taken on without a step. */
export const mostAttempts = 10;

/** Another worker has the import, or this one is to stop: what was begun is left to the next. */
class LeftError extends Error {
  override name = 'LeftError';
}

/** Works on the imports of people, one at a time, until it is stopped. Each instance of identity has one. */
export function createImportWorker(options: {
  store: Database;
  events: IdentityEvents;
  logger: Logger;
  /** For how long an import is its worker's after each step. */
  leaseSeconds: number;
}): ImportWorker {
  const { store, logger, leaseSeconds } = options;
  const worker = newId('worker');
  const stopping = new AbortController();
  let pause = new AbortController();
  const leasedUntil = () => new Date(Date.now() + leaseSeconds * 1_000);

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const job = await store.imports.claim(worker, leasedUntil());
      if (job) await attempt({ ...options, worker, job, stopping: stopping.signal, leasedUntil });
      else await rest();
    }
  }

  async function rest(): Promise<void> {
    pause = new AbortController();
    if (stopping.signal.aborted) return;
    await delay(pollMs, undefined, { signal: pause.signal, ref: false }).catch(() => undefined);
  }

  async function loopAnew(): Promise<void> {
    while (!stopping.signal.aborted) {
      await loop().catch(async (error: unknown) => {
        if (!(error instanceof LeftError))
          logger.warn({ err: error }, 'an import of people was interrupted, and is taken up again');
        await rest();
      });
    }
  }

  let ended: Promise<void> | undefined;
  return {
    start: () => {
      ended ??= loopAnew();
    },
    wake: () => {
      pause.abort();
    },
    stop: async () => {
      stopping.abort();
      pause.abort();
      await ended;
    },
  };
}

interface Run {
  readonly store: Database;
  readonly events: IdentityEvents;
  readonly worker: string;
  readonly job: PeopleImport;
  readonly stopping: AbortSignal;
  readonly leasedUntil: () => Date;
}

/**
 * One that never gets past its next step, since it fails or takes its worker down with it, is given up: else it would be
 * taken on for ever, before all others of its organisation.
 */
async function attempt(run: Run): Promise<void> {
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
async function runImport(run: Run): Promise<void> {
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

interface Step {
  readonly good: readonly CheckedRow[];
  readonly faulty: readonly NewFault[];
  readonly line: number;
  readonly rows: number;
  /** How many faults are still kept. */
  readonly room: number;
}

/** Answers how many faults the step has. Somebody else may take in the same people meanwhile: then once more. */
async function commitStep(run: Run, step: Step, attempts = 5): Promise<number> {
  if (run.stopping.aborted) throw new LeftError();
  try {
    return await run.store.transaction((tx) => writeStep(tx, run, step));
  } catch (error) {
    if (attempts > 1 && isRepeatable(error)) return commitStep(run, step, attempts - 1);
    throw error;
  }
}

/** The rows and that they are done are one transaction: no row is done twice, and none is left out. */
async function writeStep(tx: Store, run: Run, step: Step): Promise<number> {
  const { job, worker, events, leasedUntil } = run;
  await tx.memberships.lockOrganisation(job.organisationId);
  await requireImporter(tx, job);
  const { created, updated, unchanged, faults } = await runStep(tx, events, job, step.good);
  const all = [...step.faulty, ...faults].sort((one, other) => one.line - other.line);
  await tx.imports.insertFaults(job.id, all.slice(0, Math.max(0, step.room)));
  const faultyRows = new Set(all.map(({ line }) => line)).size;
  const progress = {
    line: step.line,
    rows: step.rows,
    created,
    updated,
    unchanged,
    faultyRows,
    faults: all.length,
  };
  const mine = { id: job.id, organisationId: job.organisationId, worker };
  if ((await tx.imports.updateProgress(mine, progress, leasedUntil())) === 0) throw new LeftError();
  return all.length;
}

/** Who asked for the import must be allowed to while it goes on; a file may give any built-in role. */
async function requireImporter(tx: Store, { organisationId, userId }: PeopleImport): Promise<void> {
  const { permissions } = await heldNow(tx, { organisationId, userId, sessionId: '' });
  const needed = ['user.import' as const, ...expanded(ROLES)];
  if (!needed.every((name) => permissions.has(name)))
    throw new UnreadableFileError('Who asked for the import may not import any more.');
}

async function finish({ store, job, worker }: Run, failure: string | null): Promise<void> {
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

const uniqueViolation = '23505';

function isRepeatable(error: unknown): boolean {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } };
  return isUniqueViolation(error) || meta?.driverAdapterError?.cause?.originalCode === uniqueViolation;
}
