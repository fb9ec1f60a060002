import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '@lyceum/events';
import { statementsTopic } from '@lyceum/xapi';

/** Who reads what they wrote waits so long for ingest. */
const patienceMs = 1_000;

/** Where that was not enough, ingest stands still or is far behind: for so long nobody waits for it. */
const withoutMs = 5_000;

/** Resolves once ClickHouse has what was accepted before, or after a while; never rejects. */
export function createUntilIngested(o: {
  log: Pick<EventLog, 'passed'>;
  group: string;
  signal: AbortSignal;
}): () => Promise<void> {
  let without = -Infinity;
  return async () => {
    if (performance.now() < without) return;
    const signal = AbortSignal.any([o.signal, AbortSignal.timeout(patienceMs)]);
    const passed = o.log.passed({ group: o.group, topic: statementsTopic, signal }).then(
      () => true,
      () => false,
    );
    // A broker that does not answer hears nothing of a signal.
    const isThere = await Promise.race([passed, delay(patienceMs, false, { ref: false })]);
    if (!isThere) without = performance.now() + withoutMs;
  };
}
