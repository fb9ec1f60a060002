import { setTimeout as delay } from 'node:timers/promises';
import type { StatementPlace } from '@lyceum/xapi/query';
import { JobFailedError, type StoreJobStep, type StoreJobWork } from '../jobs/job-worker.ts';
import type { StoreJob } from '../store/store-jobs.ts';
import type { DropNotes, DroppedPiece } from './drop-notes.ts';
import type { DueStatements } from './due-statements.ts';
import { leastAgeMs } from './least-age.ts';
import type { PieceDropper } from './piece-dropper.ts';

/** Noted at a time: some twelve megabytes of texts, half a second of work. */
const notedAtOnce = 20_000;

const longestRestMs = 500;

/** Where a retention goes on. */
interface Place extends Record<string, unknown> {
  readonly begun?: true;
  /** All are noted up to here. */
  readonly after?: StatementPlace;
  /** What is noted and still there. */
  readonly piece?: NotedPiece;
  /** `stored` of the first and of the last that it dropped. */
  readonly first?: string;
  readonly last?: string;
}

interface NotedPiece {
  readonly month: string;
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** Nothing is added any more. */
  readonly isWhole: boolean;
}

/**
 * Drops the statements of an organisation that are due by its rules (docs/decisions/0038), oldest first, in pieces of one month.
 * Their ids are noted first, page by page; once a piece is whole its statements go, from all tables. Each step can be done
 * again: a crash repeats one page, or the deleting of one piece.
 */
export function createRetentionWork(o: {
  due: DueStatements;
  notes: DropNotes;
  dropper: PieceDropper;
  /** Resolves once ids and roll-ups have all that ClickHouse had before there were any. */
  untilFilled: (signal: AbortSignal) => Promise<void>;
  /** Resolves once ClickHouse has all that was on the log when it was called. */
  untilIngested: (signal: AbortSignal) => Promise<void>;
  /** Of one piece: each costs writing its month's parts anew, and holds its ids in ClickHouse's memory. */
  pieceLimit?: number;
}): StoreJobWork {
  const { due, notes, dropper, pieceLimit = 1_000_000 } = o;

  async function begin(job: StoreJob, signal: AbortSignal): Promise<StoreJobStep> {
    requireOld(job);
    await o.untilFilled(signal);
    await o.untilIngested(signal);
    return { change: { place: { begun: true }, total: BigInt(await due.count(dueOf(job))) } };
  }

  async function beginPiece(job: StoreJob, signal: AbortSignal): Promise<StoreJobStep> {
    const next = await due.selectNext(dueOf(job), placeOf(job).after);
    if (next === undefined) return end(job, signal);
    const month = next.stored.slice(0, 7);
    return notePage(job, { month, first: next.stored, last: next.stored, count: 0, isWhole: false }, signal);
  }

  async function notePage(job: StoreJob, piece: NotedPiece, signal: AbortSignal): Promise<StoreJobStep> {
    const began = performance.now();
    const place = placeOf(job);
    const limit = Math.min(notedAtOnce, pieceLimit - piece.count);
    const found = due.read(dueOf(job), { month: piece.month, after: place.after, limit }, signal);
    const { count, last } = await notes.insert({ organisationId: job.organisationId, jobId: job.id }, found);
    // It shares a process with ingest, and has time: up to half of it is ingest's.
    await delay(Math.min(performance.now() - began, longestRestMs), undefined, { signal });
    const noted = piece.count + count;
    const isWhole = count < limit || noted >= pieceLimit;
    const next = { ...piece, last: last?.stored ?? piece.last, count: noted, isWhole };
    const after = last ? { stored: last.stored, id: last.id } : place.after;
    return {
      change: {
        place: { ...place, ...(after && { after }), piece: next },
        done: job.done + BigInt(count),
      },
    };
  }

  async function dropPiece(job: StoreJob, piece: NotedPiece, signal: AbortSignal): Promise<StoreJobStep> {
    if (piece.count > 0) await dropper.drop(pieceOf(job, piece), signal);
    const { piece: _done, ...place } = placeOf(job);
    const span = { first: place.first ?? piece.first, last: piece.last };
    return {
      change: { place: { ...place, ...span }, written: job.written + BigInt(piece.count) },
    };
  }

  async function end(job: StoreJob, signal: AbortSignal): Promise<StoreJobStep> {
    const { first, last } = placeOf(job);
    if (first !== undefined && last !== undefined)
      await dropper.dropRest(pieceOf(job, { month: '', first, last }), signal);
    return { change: { state: 'DONE' } };
  }

  return {
    step(job, signal) {
      const { piece, begun } = placeOf(job);
      if (job.request.cancelled && !isDeleting(job))
        return Promise.resolve({ change: { state: 'CANCELLED' as const } });
      if (begun === undefined) return begin(job, signal);
      if (piece === undefined) return beginPiece(job, signal);
      return piece.isWhole ? dropPiece(job, piece, signal) : notePage(job, piece, signal);
    },
  };
}

/** Whether it deletes what it has noted, from one table after another: half of that would be what nobody stored. */
export const isDeleting = (job: StoreJob) => job.kind === 'RETENTION' && placeOf(job).piece?.isWhole === true;

const placeOf = ({ place }: StoreJob) => place as Place;

const dueOf = ({ organisationId, request: { rules = [] } }: StoreJob) => ({ organisationId, rules });

const pieceOf = (
  { id: jobId, organisationId }: StoreJob,
  { month, first, last }: Pick<NotedPiece, 'month' | 'first' | 'last'>,
): DroppedPiece => ({ jobId, organisationId, month, first, last });

/** @throws JobFailedError where it would reach what is being taken in */
function requireOld({ request: { rules = [], requestedAt } }: StoreJob): void {
  const latest = Date.parse(requestedAt) - leastAgeMs;
  if (rules.some(({ before }) => !(Date.parse(before) <= latest)))
    throw new JobFailedError('What was stored within half a day before the request is dropped by no rule.');
}
