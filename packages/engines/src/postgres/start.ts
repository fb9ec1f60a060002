import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { prepareDirectory } from '../data-directory.ts';
import { EngineError, messageOf } from '../errors.ts';
import { lockDirectory } from '../directory-lock.ts';
import { onFreePort, portInUse, requireFreePort, type PortWish } from '../port.ts';
import { chooseAccount, requireReachable, type Account } from './account.ts';
import { findPostgresBinaries, type PostgresBinaries } from './binaries.ts';
import { clusterPaths, POSTGRES_USER, prepareCluster, readPassword } from './cluster.ts';
import { configurationArguments, laptopConfiguration, type PostgresConfiguration } from './configuration.ts';
import { stopOrphan } from './orphan.ts';
import { startPostmaster, type Postmaster, type PostmasterExit } from './postmaster.ts';

const HOST = '127.0.0.1';
const LEFT_OVER_SESSIONS_MS = 10_000;
const LEFT_OVER_POLL_MS = 100;

/** Where and how to run the embedded PostgreSQL. */
export interface PostgresOptions {
  /** Its own directory: the cluster in `data/`, the password, the lock. Created if absent. */
  directory: string;
  /** TCP port on 127.0.0.1; 0: any that is free. */
  port: number;
  logger: Logger;
  /** Settings on top of the laptop's, as in postgresql.conf. */
  configuration?: PostgresConfiguration;
  /** The variable to name when the port is taken. */
  portVariable?: string;
}

/** A running embedded PostgreSQL. */
export interface RunningPostgres {
  /** Of the database `postgres`, with user and password; services put their own database's name in its place. */
  url: string;
  pid: number;
  /** Resolves when the server has ended, asked or not. */
  exited: Promise<PostmasterExit>;
  /** Rolls back what runs, checkpoints, ends: within 15 s, else without the checkpoint. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL of its own on `directory`, creating it on the first start. It listens on the loopback only
 * and asks for the password that it keeps, readable by its owner alone, in `directory/password`.
 *
 * @throws EngineError for every expected fault; see EngineErrorCode.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  await prepareDirectory(options.directory);
  const directory = await realpath(options.directory);
  const lock = await lockDirectory(directory, 'PostgreSQL');
  try {
    const server = await startOn(directory, options);
    void server.exited.finally(() => lock.release());
    return server;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * The URL of the embedded PostgreSQL that was started on `directory`, for a process that did not start it.
 * Rejects with ENOENT where there never was one.
 */
export async function embeddedPostgresUrl(
  directory: string,
  port: number,
  database = 'postgres',
): Promise<string> {
  return `postgresql://${POSTGRES_USER}:${await readPassword(directory)}@${HOST}:${port}/${database}`;
}

async function startOn(directory: string, options: PostgresOptions): Promise<RunningPostgres> {
  const { data } = clusterPaths(directory);
  const binaries = await findPostgresBinaries();
  const account = await chooseAccount(data);
  await requireReachable(account, binaries.postgres);
  await requireReachable(account, data);
  await stopOrphan(data, options.logger);
  await prepareCluster(directory, binaries, account);
  const start = async (port: number): Promise<RunningPostgres> => {
    const server = await startWhenFree(() => startServer(data, port, binaries, account, options));
    return { ...server, url: await embeddedPostgresUrl(directory, port) };
  };
  if (options.port === 0) return onFreePort(HOST, start, isPortTaken);
  const wish = portWish(options);
  await requireFreePort(wish);
  return start(options.port).catch(async (error: unknown) => {
    throw isPortTaken(error) ? await portInUse(wish) : error;
  });
}

function portWish({ port, portVariable }: PostgresOptions): PortWish {
  const variable = portVariable ?? 'LYCEUM_POSTGRES_PORT';
  return { engine: 'the embedded PostgreSQL', host: HOST, port, variable };
}

function isPortTaken(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'PORT_IN_USE';
}

// Sessions of a server that was killed outlive it for a moment, and hold its shared memory until they notice.
async function startWhenFree(start: () => Promise<Postmaster>): Promise<Postmaster> {
  const deadline = Date.now() + LEFT_OVER_SESSIONS_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!messageOf(error).includes('pre-existing shared memory block') || Date.now() > deadline)
        throw error;
      await delay(LEFT_OVER_POLL_MS);
    }
  }
}

function startServer(
  data: string,
  port: number,
  binaries: PostgresBinaries,
  account: Account | undefined,
  { logger, configuration }: PostgresOptions,
): Promise<Postmaster> {
  const settings = {
    ...laptopConfiguration,
    ...configuration,
    listen_addresses: HOST,
    // No socket file: its path is limited to about 100 characters, and the loopback does.
    unix_socket_directories: '',
    port,
  };
  return startPostmaster({
    binary: binaries.postgres,
    data,
    arguments: configurationArguments(settings),
    account,
    logger,
  });
}
