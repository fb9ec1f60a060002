import { setTimeout as delay } from 'node:timers/promises';
import { GraphError } from './graph-client.ts';

const patienceMs = 15_000;
const pauseMs = 40;

/** What a subgraph answers while the event that tells it of a new course is on its way. */
const notYet = ['NOT_FOUND', 'COURSE_NOT_PUBLISHED'];

/**
 * Tries again what fails because one subgraph has not heard yet of what another one did a moment ago: they agree
 * through the event log, within milliseconds, but not at once.
 */
export async function untilKnown<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const early = error instanceof GraphError && error.codes.some((code) => notYet.includes(code));
      if (!early || Date.now() > deadline) throw error;
      await delay(pauseMs);
    }
  }
}
