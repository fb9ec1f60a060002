import { isUniqueViolation } from '@lyceum/postgres';
import { expanded, ROLES } from '@lyceum/service';
import type { NewFault, PeopleImport } from '../../store/imports.ts';
import type { Store } from '../../store/store.ts';
import { heldNow } from '../machine-rights.ts';
import type { CheckedRow } from './check-row.ts';
import { LeftError, type ImportRun } from './import-run.ts';
import { UnreadableFileError } from './read-rows.ts';
import { runStep } from './run-step.ts';

/** What is written in one transaction. */
export interface Step {
  readonly good: readonly CheckedRow[];
  readonly faulty: readonly NewFault[];
  readonly line: number;
  readonly rows: number;
  /** How many faults are still kept. */
  readonly room: number;
}

/** Answers how many faults the step has. Somebody else may take in the same people meanwhile: then once more. */
export async function commitStep(run: ImportRun, step: Step, attempts = 5): Promise<number> {
  if (run.stopping.aborted) throw new LeftError();
  try {
    return await run.store.transaction((tx) => writeStep(tx, run, step));
  } catch (error) {
    if (attempts > 1 && isRepeatable(error)) return commitStep(run, step, attempts - 1);
    throw error;
  }
}

/** The rows and that they are done are one transaction: no row is done twice, and none is left out. */
async function writeStep(tx: Store, run: ImportRun, step: Step): Promise<number> {
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

const uniqueViolation = '23505';

function isRepeatable(error: unknown): boolean {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } };
  return isUniqueViolation(error) || meta?.driverAdapterError?.cause?.originalCode === uniqueViolation;
}
