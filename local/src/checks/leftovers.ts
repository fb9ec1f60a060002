import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess } from '@lyceum/engines';
import type { RunState } from '../data/run-state.ts';
import { endGroup } from '../supervise/ending.ts';
import type { ProcessState } from '../supervise/managed-process.ts';

const pollMs = 50;

/**
 * Waits for the processes of a supervisor that was killed: they stop by themselves when it is gone, which takes them
 * a moment, and until then they hold ports and data. Those that don't stop are ended. A process that was given the pid
 * of one of them since started at another time, and is left alone.
 *
 * @param state what that supervisor noted last
 */
export async function awaitLeftovers({ processes }: RunState, patienceMs = 12_000): Promise<void> {
  const deadline = Date.now() + patienceMs;
  let left = await stillRunning(processes);
  while (left.length > 0 && Date.now() < deadline) {
    await delay(pollMs);
    left = await stillRunning(left);
  }
  left.forEach(endGroup);
}

async function stillRunning(processes: readonly ProcessState[]): Promise<ProcessState[]> {
  const found = await Promise.all(processes.map(({ pid = 0 }) => identifyProcess(pid)));
  return processes.filter(({ pid, startedAt }, index) => {
    const now = found[index];
    return pid !== undefined && startedAt !== undefined && now?.startedAt === startedAt;
  });
}
