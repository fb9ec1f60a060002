import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess } from '@lyceum/engines';
import type { RunState } from '../data/run-state.ts';

const patienceMs = 12_000;
const pollMs = 50;

/**
 * Waits for the processes of a supervisor that was killed: they stop by themselves when it is gone, which takes them
 * a moment, and until then they hold ports and data. Those that don't stop are ended.
 *
 * @param state what that supervisor noted last
 * @param marker a text that tells our processes from others that were given the same pid since
 */
export async function awaitLeftovers(state: RunState, marker: string): Promise<void> {
  const pids = state.processes.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  const deadline = Date.now() + patienceMs;
  let left = await ours(pids, marker);
  while (left.length > 0 && Date.now() < deadline) {
    await delay(pollMs);
    left = await ours(left, marker);
  }
  for (const pid of left) process.kill(pid, 'SIGKILL');
}

async function ours(pids: readonly number[], marker: string): Promise<number[]> {
  const found = await Promise.all(pids.map((pid) => identifyProcess(pid)));
  return found.flatMap((identity) => (identity?.command.includes(marker) ? [identity.pid] : []));
}
