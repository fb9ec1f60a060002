import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { TooManyBytesError, type JobFiles } from '../jobs/job-files.ts';
import { tellProgress } from '../jobs/tell-progress.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { StoreJob } from '../store/store-jobs.ts';
import type { Database, Store } from '../store/store.ts';
import type { StoreFileResource } from './store-export.ts';
import { requireStoreFile } from './scopes.ts';
import { refusals } from './xapi-error.ts';

/** Bytes of one part, which a request of thirty seconds can bring. */
const partLimit = 64 * 2 ** 20;
const mostParts = 10_000;

/** How long a job is waited for that the log may not have brought yet. */
const patienceMs = 10_000;
const pauseMs = 100;

/**
 * `PUT /xapi/store/import?job=...&part=0`: the file of an import, in parts of at most 64 MiB, in any order, each as often
 * as one likes; the one with `last=true` says how many they are. Once all are there the import begins.
 */
export function createStoreImport(o: {
  store: Database;
  files: JobFiles;
  /** Bytes of all parts of one import. */
  limit: number;
  onWhole: () => void;
}): { readonly put: StoreFileResource['get'] } {
  const { store, files, limit } = o;

  async function awaitJob(organisationId: string, id: string): Promise<StoreJob> {
    const until = Date.now() + patienceMs;
    for (;;) {
      const job = await store.storeJobs.selectOptional(id);
      if (job !== null && job.organisationId === organisationId && job.kind === 'IMPORT') return job;
      if (job !== null || !id.startsWith('storejob_') || Date.now() > until) throw refusals.noJob(id);
      await delay(pauseMs);
    }
  }

  /** The part counts from now on; whether the file is whole with it. */
  async function count(tx: Store, job: StoreJob, part: Part & { sha2: string }): Promise<boolean> {
    const current = await tx.storeJobs.lock(job.organisationId, job.id);
    if (current?.state !== 'WAITING') throw notWaiting();
    await tx.storeJobFiles.updatePlace(job.id, part.sha2, part.place);
    const last = part.isLast ? part.place : (current.place['last'] as number | undefined);
    const parts = await tx.storeJobFiles.selectMany(job.id);
    const bytes = parts.reduce((sum, each) => sum + each.bytes, 0);
    if (bytes > limit) throw refusals.tooLarge(limit);
    const isWhole = last !== undefined && parts.filter(({ place }) => place <= last).length === last + 1;
    const change = { place: last === undefined ? {} : { last }, bytes: BigInt(bytes) };
    const next = await tx.storeJobs.update(job.id, {
      ...change,
      ...(isWhole && { state: 'RUNNING' as const, expiresAt: null }),
    });
    await tellProgress(tx, next);
    return isWhole;
  }

  return {
    async put({ request, parameters, credential }) {
      requireStoreFile(credential, 'import');
      const part = partOf(parameters);
      const job = await awaitJob(credential.organisationId, parameters.get('job') ?? '');
      if (job.state !== 'WAITING') throw notWaiting();
      // The same bytes in two places are two parts.
      const staged = await files
        .stage(request, { limit: partLimit, hash: createHash('sha384').update(`${String(part.place)}\n`) })
        .catch(refuse);
      try {
        await store.storeJobFiles.insert(job.id, staged);
        await files.insert(job.id, staged).catch(refuse);
        const isWhole = await store.transaction((tx) => count(tx, job, { ...part, sha2: staged.sha2 }));
        if (isWhole) o.onWhole();
        return { status: 200, body: JSON.stringify({ job: job.id, part: part.place, whole: isWhole }) };
      } finally {
        await files.drop(staged);
      }
    },
  };
}

interface Part {
  readonly place: number;
  readonly isLast: boolean;
}

function partOf(parameters: URLSearchParams): Part {
  const part = parameters.get('part') ?? '';
  const last = parameters.get('last') ?? 'false';
  if (!/^\d{1,5}$/.test(part) || Number(part) >= mostParts)
    throw refusals.parameter('part', `must be a number from 0 to ${String(mostParts - 1)}`);
  if (last !== 'true' && last !== 'false') throw refusals.parameter('last', 'is true or false');
  return { place: Number(part), isLast: last === 'true' };
}

const notWaiting = () =>
  refusals.jobState('The import does not wait for its file: it has all of it, or it ended.');

function refuse(error: unknown): never {
  if (error instanceof TooManyBytesError) throw refusals.tooLarge(partLimit);
  if (error instanceof UnavailableError) throw refusals.unavailable(error.what);
  throw error;
}
