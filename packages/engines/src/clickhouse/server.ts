import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { prepareDirectory } from '../data-directory.ts';
import { lockDirectory, type DirectoryLock } from '../directory-lock.ts';
import { requireFreePort, type PortWish } from '../port.ts';
import { recordVersion, requireReadableData } from './data-version.ts';
import { loadChdb } from './engine/addon.ts';
import { openEngine, type Engine } from './engine/engine.ts';
import { createGate } from './gate.ts';
import { defaultCredentials, type Credentials } from './http/access.ts';
import { startEndpoint, type Endpoint } from './http/endpoint.ts';
import { createQueryHandler } from './http/query-handler.ts';
import { createSessions, type Sessions } from './http/sessions.ts';
import { openSpool, type Spool } from './http/spool.ts';

/** Where and how to run the embedded ClickHouse. */
export interface ClickHouseOptions {
  /** Its own directory, created if absent. */
  directory: string;
  host: string;
  /** 0 lets the system choose. */
  port: number;
  logger: Logger;
  /** Default: the user `default` with an empty password, as ClickHouse is installed. */
  credentials?: Credentials;
  /** Threads of libuv's pool in this process (UV_THREADPOOL_SIZE; Node's default is 4): statements run on them. */
  threads?: number;
  /** The variable to name when the port is taken. */
  portVariable?: string;
}

/** A running embedded ClickHouse. */
export interface RunningClickHouse {
  url: string;
  /**
   * No new requests; running ones end, to a deadline of 5 s, then are killed; then the engine closes. Where a statement
   * does not end even so, this process does, by SIGKILL: see `endProcess`.
   */
  stop(): Promise<void>;
}

const DEFAULT_THREADS = 4;
const DRAIN_MS = 5_000;

/**
 * Opens the embedded ClickHouse on `directory` and answers ClickHouse's HTTP interface.
 * It is to have a process of its own: the engine's memory and threads are this process's.
 *
 * @throws EngineError for every expected fault; see EngineErrorCode.
 */
export async function createClickHouseServer(options: ClickHouseOptions): Promise<RunningClickHouse> {
  await prepareDirectory(options.directory);
  const directory = await realpath(options.directory);
  const lock = await lockDirectory(directory, 'ClickHouse');
  const opened: Opened = { lock };
  try {
    await open(directory, options, opened);
  } catch (error) {
    await close(opened);
    throw error;
  }
  return { url: opened.endpoint?.url ?? '', stop: () => stop(opened, options.logger) };
}

/** What has been opened so far, to be closed in reverse. */
interface Opened {
  lock: DirectoryLock;
  spool?: Spool;
  engine?: Engine;
  sessions?: Sessions;
  endpoint?: Endpoint;
}

async function open(directory: string, options: ClickHouseOptions, opened: Opened): Promise<void> {
  const addon = loadChdb();
  await requireReadableData(directory, addon.EngineVersion());
  const wish = portWish(options);
  if (options.port !== 0) await requireFreePort(wish);
  const { readers, writers } = places(options.threads ?? DEFAULT_THREADS);
  const spool = (opened.spool = await openSpool(directory, readers));
  const engine = (opened.engine = await openEngine(addon, path.join(directory, 'data')));
  await recordVersion(directory, addon.EngineVersion());
  const sessions = (opened.sessions = createSessions(engine));
  const gates = { readers: createGate(readers), writers: createGate(writers) };
  const { credentials = defaultCredentials, logger } = options;
  opened.endpoint = await startEndpoint(
    wish,
    createQueryHandler({ engine, spool, sessions, ...gates, credentials, logger }),
    logger,
  );
  logger.info(
    { url: opened.endpoint.url, version: engine.version, readers, writers },
    'embedded ClickHouse is ready',
  );
}

async function stop(opened: Opened, logger: Logger): Promise<void> {
  const left = (await opened.endpoint?.stop(DRAIN_MS)) ?? 0;
  if (left === 0) await close(opened);
  else endProcess(left, logger);
}

// A statement that waits for something outside the engine does not heed a KILL. Closing its connection would block this
// thread for as long, and so would process.exit(), which waits for libuv's threads. What was acknowledged is on the disk.
function endProcess(left: number, logger: Logger): void {
  logger.fatal(
    { statements: left },
    'statements that can not be ended: the process ends without closing the engine',
  );
  process.kill(process.pid, 'SIGKILL');
}

async function close(opened: Opened): Promise<void> {
  opened.sessions?.close();
  opened.engine?.close();
  await opened.spool?.close();
  await opened.lock.release();
}

function portWish({ host, port, portVariable }: ClickHouseOptions): PortWish {
  return { engine: 'the embedded ClickHouse', host, port, variable: portVariable ?? 'PORT' };
}

// Each running statement blocks a thread of libuv's pool. One is left for cancelling and one for files and zlib,
// without which the statements could not end. Writers are few: inserts are short, and share the disk.
function places(threads: number): { readers: number; writers: number } {
  const writers = threads >= 8 ? 2 : 1;
  return { writers, readers: Math.max(1, threads - writers - 2) };
}
