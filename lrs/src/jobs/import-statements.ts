import { idPrefix } from '@lyceum/service';
import type { Staging } from '../attachments/staging.ts';
import type { Credential } from '../receive/credentials.ts';
import type { StoreJob, StoreJobFault } from '../store/store-jobs.ts';
import type { Database } from '../store/store.ts';
import type { ImportBatch, ImportReader } from './import-reader.ts';
import { createImportReader } from './import-reader.ts';
import { readImportLines } from './import-lines.ts';
import type { JobFiles } from './job-files.ts';
import { JobFailedError, type StoreJobStep, type StoreJobWork } from './job-worker.ts';

/** Takes one batch in, or says what would become of it. May be called again with the same. */
export type TakeBatch = (
  job: StoreJob,
  credential: Credential,
  batch: ImportBatch,
) => Promise<{ written: number; known: number; faults: StoreJobFault[] }>;

/** Faults that are told, and how many end an import: the file is something else. */
const toldFaults = 100;
const mostFaults = 10_000;

/**
 * A file of statements into the store, batch by batch, each by the way that a request goes. What was taken in is noted by its
 * last line: a crash repeats one batch, whose statements are then known.
 */
export function createImportWork(o: {
  store: Database;
  files: JobFiles;
  staging: Staging;
  take: TakeBatch;
  dryRun: TakeBatch;
}): StoreJobWork {
  /** The file as far as it was read; another worker, or a new process, reads from the start and passes by. */
  let open: { readonly id: string; readonly line: number; readonly reader: ImportReader } | undefined;

  async function readerOf(job: StoreJob): Promise<ImportReader> {
    const line = lineOf(job);
    if (open?.id === job.id && open.line === line) return open.reader;
    await open?.reader.close().catch(() => undefined);
    open = undefined;
    const parts = await o.store.storeJobFiles.selectMany(job.id);
    const reader = createImportReader({
      lines: readImportLines(o.files.read(job.id, parts)),
      staging: o.staging,
      jobId: job.id,
      keepsOriginals: job.request.keepsOriginals ?? false,
    });
    await reader.skip(line);
    return reader;
  }

  async function step(job: StoreJob): Promise<StoreJobStep> {
    const reader = await readerOf(job);
    // Until the batch is noted, what was read of the file is ahead of what counts.
    open = undefined;
    const batch = await reader.next(lineOf(job));
    const outcome = await takeOrDrop(job, batch);
    const faults = [...batch.faults, ...outcome.faults].sort((one, other) => one.line - other.line);
    const faulty = job.faulty + BigInt(faults.length);
    const all = [...job.faults, ...faults].slice(0, toldFaults);
    if (faulty > mostFaults) throw new JobFailedError(tooMany(all));
    open = { id: job.id, line: batch.line, reader };
    return {
      change: {
        place: { ...job.place, line: batch.line },
        done: job.done + BigInt(batch.count),
        written: job.written + BigInt(outcome.written),
        known: job.known + BigInt(outcome.known),
        ...{ faulty, faults: all },
        ...(batch.isLast && { state: 'DONE' as const }),
      },
    };
  }

  async function takeOrDrop(job: StoreJob, batch: ImportBatch) {
    try {
      return await (job.request.dryRun ? o.dryRun : o.take)(job, credentialOf(job), batch);
    } finally {
      // Those that were kept are gone from there.
      for (const staged of batch.attachments) await o.staging.drop(staged);
    }
  }

  return { step };
}

const lineOf = ({ place }: StoreJob) => (place['line'] as number | undefined) ?? 0;

const tooMany = ([first]: readonly StoreJobFault[]) =>
  `More than ${String(mostFaults)} lines were refused; the first is line ${String(first?.line)}: ${String(first?.path)} ${String(first?.reason)}.`;

/** Whoever asked for it. An administrator answers for what a file says of others: what it voids is voided. */
function credentialOf({ organisationId, request }: StoreJob): Credential {
  const { requestedBy, keepsOriginals = false } = request;
  return {
    keyId: requestedBy,
    name: requestedBy,
    organisationId,
    scopes: new Set(keepsOriginals ? ['all'] : ['statements/write', 'define']),
    until: Infinity,
    ...(idPrefix(requestedBy) === 'user' && { bearer: requestedBy }),
  };
}
