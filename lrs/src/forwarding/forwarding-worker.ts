import type { ForwardingCredentials, Logger, Outward } from '@lyceum/service';
import type { StatementPlace } from '@lyceum/xapi/query';
import { instantOfStored } from '../query/stored.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { MultipartAnswers } from '../receive/multipart-answer.ts';
import type { StatementForwarding } from '../store/statement-forwardings.ts';
import type { Database } from '../store/store.ts';
import { deliver } from './deliver.ts';
import type { ForwardingMetrics } from './forwarding-metrics.ts';
import type { NextStatements } from './next-statements.ts';
import { pauseAfter } from './pause-after.ts';
import type { ReadThrough } from './read-through.ts';
import { createTarget, TargetError, type Target } from './target.ts';
import { lagOf, patienceMs, tellForwarding } from './tell-forwarding.ts';

export interface ForwardingWorkerOptions {
  readonly store: Database;
  readonly next: NextStatements;
  readonly readThrough: ReadThrough;
  readonly outward: Outward;
  readonly credentials: ForwardingCredentials;
  readonly multipart: Pick<MultipartAnswers, 'attach'>;
  readonly logger: Logger;
  readonly metrics: ForwardingMetrics;
  /** Whose leases these are. */
  readonly worker: string;
}

/** Nobody else has the forwarding for so long; whoever is at it says so more often. A crash costs no more. */
export const leaseMs = 20_000;
const beatMs = 5_000;

/** A turn ends after so long, that others have theirs. */
const turnMs = 10_000;

/** With nothing to send, it is looked for again. */
const idleMs = 1_000;

/** The store itself has no time. */
const storePauseMs = 2_000;

/** Records is told at least so often of one that is under way. */
const tellMs = 2_000;

const lateAtOnce = 200;

/** It is somebody else's, it was paused or deleted, or is wanted otherwise: nothing may be sent any more. */
class LeaseLostError extends Error {
  override name = 'LeaseLostError';
}

/** Nothing was sent, nothing failed before, and the place is hardly further: that is not worth writing each second. */
function isNear({ attempts, cursorStored }: StatementForwarding, place: StatementPlace): boolean {
  const behindMs = instantOfStored(place.stored).getTime() - instantOfStored(cursorStored).getTime();
  return attempts === 0 && behindMs < nearMs;
}

const nearMs = 10_000;

export type ForwardingWorker = ReturnType<typeof createForwardingWorker>;

/** Does a turn of a forwarding that was taken: sends what there is, and says how it went. */
export function createForwardingWorker(o: ForwardingWorkerOptions) {
  const { store, next, readThrough, credentials, logger, metrics, worker } = o;

  async function targetOf({ setup }: StatementForwarding, signal: AbortSignal): Promise<Target> {
    const secret = await credentials.open(setup).catch((error: unknown) => {
      throw new TargetError('Its secret can not be opened: give it again.', { stopped: true, cause: error });
    });
    return createTarget({ outward: o.outward, setup, secret, signal });
  }

  /** As it is wanted now. @throws LeaseLostError */
  async function renewed({ id, setupRevision }: StatementForwarding): Promise<StatementForwarding> {
    const now = await store.statementForwardings.updateLease({ id, worker }, leaseMs);
    if (now?.setupRevision !== setupRevision) throw new LeaseLostError(`${id} is not this worker's any more`);
    return now;
  }

  /** Sends what came behind the place; whether there may be more. */
  async function sendLate(forwarding: StatementForwarding, target: Target): Promise<boolean> {
    const { id } = forwarding;
    const places = await store.statementForwardings.selectLate(id, lateAtOnce);
    if (places.length === 0) return false;
    const statements = await next.selectAt(forwarding.setup, places);
    const delivered = await deliver(deliveryOf(forwarding, target), statements);
    await store.transaction(async (tx) => {
      const { sent, refusals } = delivered;
      if (!(await tx.statementForwardings.updateSent({ id, worker }, { sent, refused: refusals.length })))
        return;
      await tx.statementForwardings.deleteLate(id, places);
      if (refusals.length > 0) await tellForwarding(tx, id, { refusals });
    });
    metrics.onDelivered(delivered.sent, delivered.refusals.length);
    return places.length === lateAtOnce;
  }

  /** Sends what is next in order; whether there may be more. */
  async function sendNext(
    forwarding: StatementForwarding,
    target: Target,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { id, setup, cursorStored, cursorId } = forwarding;
    const through = await readThrough(signal);
    if (!(await store.statementForwardings.updateReadingThrough({ id, worker }, through))) return false;
    const { statements, place } = await next.select(setup, { stored: cursorStored, id: cursorId }, through);
    const { sent, refusals } = await deliver(deliveryOf(forwarding, target), statements);
    if (statements.length === 0 && isNear(forwarding, place)) return place.stored < through;
    await store.transaction(async (tx) => {
      const moved = { place, sent, refused: refusals.length };
      if (!(await tx.statementForwardings.updateSent({ id, worker }, moved))) return;
      const isAll = place.stored >= through;
      const isNews = forwarding.failingSince !== null || refusals.length > 0 || isAll;
      if (isNews || Date.now() - forwarding.toldAt.getTime() > tellMs)
        await tellForwarding(tx, id, { refusals });
    });
    metrics.onDelivered(sent, refusals.length);
    return place.stored < through;
  }

  function deliveryOf(forwarding: StatementForwarding, target: Target) {
    const { organisationId, attachments } = forwarding.setup;
    const multipart = attachments ? o.multipart : undefined;
    const beforeEach = async () => {
      await renewed(forwarding);
    };
    return { target, organisationId, multipart, beforeEach };
  }

  async function sendAll(taken: StatementForwarding, signal: AbortSignal): Promise<void> {
    const target = await targetOf(taken, signal);
    const end = Date.now() + turnMs;
    let forwarding = taken;
    for (;;) {
      const isMoreLate = await sendLate(forwarding, target);
      const isMore = await sendNext(forwarding, target, signal);
      if ((!isMore && !isMoreLate) || Date.now() >= end) return;
      signal.throwIfAborted();
      forwarding = await renewed(taken);
    }
  }

  async function fail(taken: StatementForwarding, error: TargetError): Promise<void> {
    const { id, setupRevision } = taken;
    metrics.onFailed('target');
    const now = await store.statementForwardings.selectOptional(id);
    const attempts = (now?.attempts ?? 0) + 1;
    const failed = await store.transaction(async (tx) => {
      const { message: failure, stopped } = error;
      const left = { failure, stopped, attempts, pauseMs: pauseAfter(attempts, error.retryAfterMs) };
      const changed = await tx.statementForwardings.updateFailed({ id, worker, setupRevision }, left);
      if (changed) await tellForwarding(tx, id);
      return changed;
    });
    if (failed) say(failed, error);
  }

  /** For whoever runs the system: one that does not pass by itself, or has not for long. */
  function say(
    { id, organisationId, failingSince, attempts }: StatementForwarding,
    error: TargetError,
  ): void {
    const sinceMs = Date.now() - (failingSince?.getTime() ?? Date.now());
    if (!error.stopped && sinceMs < patienceMs) return;
    logger.warn(
      { err: error, forwarding: id, organisation: organisationId, failingSince, attempts },
      error.stopped
        ? 'statements are not forwarded before somebody changes something'
        : 'statements can not be forwarded, and are tried again',
    );
  }

  return {
    async turn(taken: StatementForwarding, stopping: AbortSignal): Promise<void> {
      const { id } = taken;
      let pauseMs = idleMs;
      const losing = new AbortController();
      const signal = AbortSignal.any([stopping, losing.signal]);
      const beat = setInterval(() => {
        renewed(taken).catch(() => {
          losing.abort();
        });
      }, beatMs);
      try {
        await sendAll(taken, signal);
      } catch (error) {
        if (error instanceof TargetError && !signal.aborted) await fail(taken, error);
        else if (!(error instanceof LeaseLostError) && !signal.aborted) {
          pauseMs = storePauseMs;
          metrics.onFailed('store');
          const level = error instanceof UnavailableError ? 'debug' : 'warn';
          logger[level](
            { err: error, forwarding: id },
            'statements to forward can not be read, and are tried again',
          );
        }
      } finally {
        clearInterval(beat);
        await store.statementForwardings.updateGivenBack({ id, worker }, signal.aborted ? 0 : pauseMs);
      }
    },

    /** Tells records of one how it stands, with what waits. */
    async tell(id: string): Promise<void> {
      const forwarding = await store.statementForwardings.selectOptional(id);
      if (!forwarding?.enabled || forwarding.deletedAt !== null) {
        metrics.forget(id);
        return;
      }
      const { cursorStored: stored, cursorId, failingSince } = forwarding;
      const pending = await next.count(forwarding.setup, { stored, id: cursorId });
      const failingSeconds = failingSince === null ? 0 : (Date.now() - failingSince.getTime()) / 1000;
      metrics.onLooked(id, { lagSeconds: lagOf(stored), failingSeconds });
      await store.transaction((tx) => tellForwarding(tx, id, { pending }));
    },
  };
}
