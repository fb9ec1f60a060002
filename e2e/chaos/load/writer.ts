import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Ledger } from './ledger.ts';
import { isToComeAgain, type Reply, type Send } from './xapi.ts';

export interface WriterOptions {
  readonly send: Send;
  readonly ledger: Ledger;
  readonly random: Random;
}

/** One turn of a writer: a request, or a few that belong together, each with its end. */
export type Turn = () => Promise<void>;

/** How long who sent something goes on asking for an answer. */
const patienceMs = 120_000;

/** Sends the same again until there is an answer; null where there was none for very long. */
export async function untilAnswered(send: () => Promise<Reply | null>): Promise<Reply | null> {
  for (const deadline = Date.now() + patienceMs; ;) {
    const reply = await send();
    if (!isToComeAgain(reply) || Date.now() > deadline) return reply;
    await delay(100);
  }
}

/** Turn after turn until it is told to stop; the turn under way ends. */
export async function keepWriting(turn: Turn, pauseMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await turn();
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
