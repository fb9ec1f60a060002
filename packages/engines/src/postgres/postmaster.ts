import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import { EngineError } from '../errors.ts';
import type { Account } from './account.ts';

/** How to run one PostgreSQL server. */
export interface PostmasterOptions {
  binary: string;
  data: string;
  arguments: readonly string[];
  account: Account | undefined;
  logger: Logger;
}

/** A PostgreSQL server that takes connections. */
export interface Postmaster {
  pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  exited: Promise<PostmasterExit>;
  stop(): Promise<void>;
}

/** How a server ended. */
export interface PostmasterExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const READY = 'database system is ready to accept connections';
const PORT_TAKEN = 'could not bind IPv4 address "127.0.0.1": Address already in use';
const FAST_STOP_MS = 15_000;
/** Lines kept to explain a failed start. */
const LAST_WORDS = 12;

/**
 * Starts `postgres` and resolves when it takes connections.
 *
 * @throws EngineError `PORT_IN_USE` or `ENGINE_FAILED`, with the server's last lines, when it ends before that.
 */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const child = spawnServer(options);
  const words: string[] = [];
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      words.push(line);
      if (words.length > LAST_WORDS) words.shift();
      if (line.includes(READY)) resolve();
      logLine(options.logger, line);
    });
  });
  const exited = exitOf(child);
  const early = await Promise.race([ready, exited.then((exit) => ({ exit }))]);
  if (early !== undefined) throw failedStart(options.data, words);
  return { pid: child.pid ?? 0, exited, stop: () => stopServer(child, exited) };
}

// detached: its own session, so that Ctrl-C at the terminal reaches the supervisor only, which stops PostgreSQL last.
function spawnServer(options: PostmasterOptions): ChildProcess & { stderr: NodeJS.ReadableStream } {
  return spawn(options.binary, ['-D', options.data, ...options.arguments], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
    ...(options.account === undefined ? {} : { uid: options.account.uid, gid: options.account.gid }),
  });
}

function exitOf(child: ChildProcess): Promise<PostmasterExit> {
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve({ code: null, signal: null });
    });
    // close, not exit: the last lines of the log have been read by then.
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
}

function failedStart(data: string, words: readonly string[]): EngineError {
  // The port may have been taken after it was found free: between the two, PostgreSQL alone can tell.
  const code = words.some((line) => line.includes(PORT_TAKEN)) ? 'PORT_IN_USE' : 'ENGINE_FAILED';
  return new EngineError(code, `PostgreSQL on ${data} did not start:\n${words.join('\n')}`);
}

// SIGINT is PostgreSQL's fast shutdown: no new work, running transactions rolled back, a checkpoint, end.
// SIGQUIT, the immediate one, leaves recovery to the next start.
async function stopServer(child: ChildProcess, exited: Promise<PostmasterExit>): Promise<void> {
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), FAST_STOP_MS);
  await exited;
  clearTimeout(timer);
}

function logLine(logger: Logger, line: string): void {
  if (/^(WARNING|FATAL|PANIC):/.test(line)) logger.warn(line);
  else logger.debug(line);
}
