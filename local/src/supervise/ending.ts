import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Resolves when the process has ended and all that it said was read. */
export function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
    child.once('error', () => {
      resolve({ code: 1, signal: null });
    });
  });
}

/** Waits for the end of a process, and ends it when that takes too long. True where it ended by itself. */
export async function endWithin(child: ChildProcess, graceMs: number): Promise<boolean> {
  const ended = endingOf(child);
  const timer = new AbortController();
  const inTime = await Promise.race([
    ended.then(() => true),
    delay(graceMs, false, { signal: timer.signal }).catch(() => false),
  ]);
  timer.abort();
  if (inTime) return true;
  endGroup(child);
  await ended;
  return false;
}

/** True also of a process that could not even be started. */
export function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

export function describeEnding({ code, signal }: Ending): string {
  return signal ? `ended by ${signal}` : `exit code ${code ?? 'unknown'}`;
}

/** Ends the process and what it started itself, without asking. */
export function endGroup({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: it has ended in the meantime. EPERM: it is not ours to end.
  }
}
