import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { EngineError } from '../errors.ts';
import { identifyProcess } from '../process-identity.ts';

const FAST_STOP_MS = 15_000;
const IMMEDIATE_STOP_MS = 10_000;
const POLL_MS = 20;

/**
 * Stops a PostgreSQL that outlived the process that started it (kill -9 of the supervisor).
 * It is stopped cleanly rather than adopted: the next one then runs with this version's settings, on this
 * start's port, with its log read, and the restart costs a second. Call only while holding the directory's lock.
 */
export async function stopOrphan(data: string, logger: Logger): Promise<void> {
  const pid = await orphanOf(data);
  if (pid === undefined) return;
  logger.warn({ pid }, 'stopping the PostgreSQL that an earlier, killed start left running');
  process.kill(pid, 'SIGINT');
  if (await gone(pid, FAST_STOP_MS)) return;
  // SIGQUIT skips the checkpoint; recovery replays the log at the next start, nothing acknowledged is lost.
  process.kill(pid, 'SIGQUIT');
  if (await gone(pid, IMMEDIATE_STOP_MS)) return;
  throw new EngineError(
    'DIRECTORY_IN_USE',
    `PostgreSQL process ${pid} holds ${data} and does not stop. End it first.`,
  );
}

// postmaster.pid: the pid on line 1, the data directory on line 2. After a kill -9 the file stays, and its pid may be
// anybody's by now: only a process that is a postgres of this directory counts.
async function orphanOf(data: string): Promise<number | undefined> {
  const file = await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const found = await identifyProcess(pid);
  return found !== undefined && found.command.includes('postgres') && found.command.includes(data)
    ? pid
    : undefined;
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while ((await identifyProcess(pid)) !== undefined) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
