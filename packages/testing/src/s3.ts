import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { onFreePort } from '@lyceum/engines';

/** An S3 of its own for a test, with one empty bucket: versitygw, an S3 front to a folder. */
export interface RunningS3 {
  /** As S3_URL wants it, the bucket included. */
  readonly url: string;
  readonly pid: number;
  /** Ends it at once and deletes its data. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const VERSION = 'v1.8.0';
const KEY = 'tests';
const SECRET = 'a secret/of+tests';
const BUCKET = 'attachments';
const repository = join(import.meta.dirname, '../../..');
const cache = join(repository, '.cache/versitygw', VERSION);
const binary = join(cache, 'versitygw');
const START_TIMEOUT_MS = 60_000;

const run = promisify(execFile);

/**
 * Starts a real S3 server, built with Go the first time (a minute and a half). Gives null, and prints why, where that is
 * not possible; with LYCEUM_REQUIRE_ALL=1 it rejects instead.
 */
export async function startS3(): Promise<RunningS3 | null> {
  const missing = await build();
  if (missing === undefined) return onFreePort(HOST, startServer, isPortTaken);
  const reason = `An S3 server can't be started for the tests: ${missing}`;
  if (process.env['LYCEUM_REQUIRE_ALL'] === '1') throw new Error(reason);
  console.warn(`Skipped: ${reason}`);
  return null;
}

/** Puts the binary in the cache, whole or not at all. Gives the reason when that could not be. */
async function build(): Promise<string | undefined> {
  if (existsSync(binary)) return undefined;
  if (!hasGo()) return 'go is not installed';
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    const env = { ...process.env, GOBIN: draft };
    await run('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], { env });
    // Another test may have been first: then this replaces its like.
    await rename(join(draft, 'versitygw'), binary);
    return undefined;
  } catch {
    return 'go could not build it';
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function hasGo(): boolean {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A server that ended before it listened, with its last words. */
class FailedStartError extends Error {
  override name = 'FailedStartError';
}

function isPortTaken(error: unknown): boolean {
  return error instanceof FailedStartError && error.message.includes('address already in use');
}

async function startServer(port: number): Promise<RunningS3> {
  const directory = await mkdtemp(join(tmpdir(), 'lyceum-s3-'));
  const [data, sidecar] = [join(directory, 'data'), join(directory, 'sidecar')];
  await mkdir(join(data, BUCKET), { recursive: true });
  await mkdir(sidecar);
  // It ends with the run of the tests at the latest (jest/keep-run.mjs).
  const server = spawn(
    binary,
    ['--quiet', '--port', `${HOST}:${port}`, 'posix', '--sidecar', sidecar, data],
    {
      env: { ...process.env, ROOT_ACCESS_KEY_ID: KEY, ROOT_SECRET_ACCESS_KEY: SECRET },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const said: string[] = [];
  server.stderr.on('data', (piece: Buffer) => said.push(piece.toString()));
  const ended = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilAnswers(port, server);
  } catch (error) {
    await stop();
    throw new FailedStartError(`versitygw did not start: ${said.join('').slice(-4_000)}`, { cause: error });
  }
  const login = `${encodeURIComponent(KEY)}:${encodeURIComponent(SECRET)}`;
  return { url: `http://${login}@${HOST}:${port}/${BUCKET}`, pid: server.pid ?? 0, stop };
}

async function untilAnswers(port: number, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`it ended with ${server.exitCode}`);
    const answer = await fetch(`http://${HOST}:${port}/`).catch(() => null);
    if (answer) return;
    if (Date.now() > deadline) throw new Error(`it has not started after ${START_TIMEOUT_MS} ms`);
    await sleep(50);
  }
}
