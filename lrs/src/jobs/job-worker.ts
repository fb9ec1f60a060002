import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { StoreJob, StoreJobChange, StoreJobKind } from '../store/store-jobs.ts';
import type { Database, Store } from '../store/store.ts';
import { tellProgress } from './tell-progress.ts';

/** What is done for one kind of job, in steps that can be done again. */
export interface StoreJobWork {
  /** Does the next. Where it fails, nothing of it counts, and it is tried again. @throws JobFailedError */
  step(job: StoreJob, signal: AbortSignal): Promise<StoreJobStep>;
}

export interface StoreJobStep {
  /** What is different now; with another `state` than RUNNING it was the last. */
  readonly change: StoreJobChange;
  /** What is written in the transaction of the change. */
  readonly write?: (tx: Store) => Promise<unknown>;
}

/** The job can't be done, however often it is tried: the message is for who asked for it. */
export class JobFailedError extends Error {
  override name = 'JobFailedError';
}

export interface JobWorker {
  /** There may be something to do. */
  readonly wake: () => void;
  /** Ends the step under way; another worker, or the next start, goes on. */
  stop(): Promise<void>;
}

/** A process that was killed is not waited for longer. */
const leaseMs = 10_000;
const renewMs = 2_500;
const pollMs = 1_000;
/** Then it is another job's turn, if there is one. */
const turnMs = 20_000;
const tellEveryMs = 500;
const mostAttempts = 12;

/**
 * Does the jobs of some kinds, one after another. Of several workers one has a job, by a lease; what it did counts only
 * while it has, so that one that slept writes nothing over another's work.
 */
export function startJobWorker(o: {
  store: Database;
  works: Partial<Record<StoreJobKind, StoreJobWork>>;
  logger: Logger;
}): JobWorker {
  const { store, works, logger } = o;
  const kinds = Object.keys(works) as StoreJobKind[];
  const worker = randomUUID();
  const stopping = new AbortController();
  let pause = new AbortController();
  let woken = false;

  async function step(
    job: StoreJob,
    signal: AbortSignal,
    tell: () => boolean,
  ): Promise<StoreJob | undefined> {
    const done = await works[job.kind]?.step(job, signal);
    if (done === undefined) return undefined;
    signal.throwIfAborted();
    return store.transaction(async (tx) => {
      const next = await tx.storeJobs.updateStep(job.id, worker, done.change);
      if (next === undefined) return undefined;
      await done.write?.(tx);
      if (next.state !== 'RUNNING' || tell()) await tellProgress(tx, next);
      return next;
    });
  }

  async function run(job: StoreJob, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    let toldAt = 0;
    const tell = () => {
      const isDue = performance.now() - toldAt > tellEveryMs;
      if (isDue) toldAt = performance.now();
      return isDue;
    };
    for (let current: StoreJob | undefined = job; current?.state === 'RUNNING';) {
      if (signal.aborted || performance.now() - began > turnMs) {
        await store.storeJobs.updateGivenBack(job.id, worker, null);
        return;
      }
      current = await step(current, signal, tell);
    }
  }

  async function failed(job: StoreJob, error: unknown): Promise<void> {
    const isFinal = error instanceof JobFailedError;
    const attempts =
      error instanceof UnavailableError ? 0 : await store.storeJobs.updateFailed(job.id, worker);
    logger.warn({ err: error, job: job.id, attempts }, 'a step of a job on the store failed');
    if (isFinal || attempts >= mostAttempts) return end(job, error);
    const wait = Math.min(1_000 * 2 ** attempts, 60_000);
    await store.storeJobs.updateGivenBack(job.id, worker, new Date(Date.now() + wait));
  }

  async function end(job: StoreJob, error: unknown): Promise<void> {
    const failure = (error instanceof Error ? error.message : String(error)).slice(0, 500) || 'It failed.';
    await store.transaction(async (tx) => {
      const ended = await tx.storeJobs.updateStep(job.id, worker, { state: 'FAILED', failure });
      if (ended) await tellProgress(tx, ended);
    });
  }

  async function turn(): Promise<boolean> {
    const job = await store.transaction((tx) => tx.storeJobs.lease(kinds, worker, leaseMs));
    if (job === undefined) return false;
    const lease = keepLease(job);
    const signal = AbortSignal.any([stopping.signal, lease.lost]);
    try {
      await run(job, signal);
    } catch (error) {
      if (stopping.signal.aborted) await store.storeJobs.updateGivenBack(job.id, worker, null);
      else if (!lease.lost.aborted) await failed(job, error);
    } finally {
      lease.end();
    }
    return true;
  }

  /** Renews the lease while a step takes long; a lease that is lost, or a job that was ended, aborts it. */
  function keepLease({ id }: StoreJob): { readonly lost: AbortSignal; end(): void } {
    const lost = new AbortController();
    const timer = setInterval(() => {
      store.storeJobs.updateLease(id, worker, leaseMs).then(
        (isHeld) => {
          if (!isHeld) lost.abort();
        },
        () => undefined,
      );
    }, renewMs);
    return {
      lost: lost.signal,
      end: () => {
        clearInterval(timer);
      },
    };
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = false;
      const didSomething = await turn().catch((error: unknown) => {
        if (!stopping.signal.aborted) logger.warn({ err: error }, 'jobs on the store were not looked at');
        return false;
      });
      if (!didSomething) await rest();
    }
  }

  async function rest(): Promise<void> {
    pause = new AbortController();
    if (woken || stopping.signal.aborted) return;
    await delay(pollMs, undefined, { signal: pause.signal, ref: false }).catch(() => undefined);
  }

  const ended = loop();
  return {
    wake: () => {
      woken = true;
      pause.abort();
    },
    async stop() {
      stopping.abort();
      pause.abort();
      await ended;
    },
  };
}
