import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import pino from 'pino';
import { embeddedPostgresUrl, startPostgres, type RunningPostgres } from '../src/index.ts';
import { chooseAccount } from '../src/postgres/account.ts';
import { findPostgresBinaries } from '../src/postgres/binaries.ts';
import { configurationArguments } from '../src/postgres/configuration.ts';
import { startPostmaster } from '../src/postgres/postmaster.ts';
import { identifyProcess } from '../src/process-identity.ts';
import { eventually } from './support/eventually.ts';
import { temporaryDirectory } from './support/clickhouse-process.ts';

const logger = pino({ level: 'silent' });
const started: RunningPostgres[] = [];
const holders: ChildProcess[] = [];
let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
let directory: string;

beforeEach(async () => {
  temporary = await temporaryDirectory();
  // As root the server runs as another account, which must be able to get there.
  await chmod(temporary.path, 0o755);
  directory = path.join(temporary.path, 'postgres');
});

afterEach(async () => {
  for (const holder of holders.splice(0)) holder.kill('SIGKILL');
  for (const server of started.splice(0)) await server.stop();
  await temporary.remove();
});

async function start(options: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<RunningPostgres> {
  const server = await startPostgres({ directory, port: 0, logger, ...options });
  started.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

// A zombie, which some containers' first process never reaps, is not alive.
async function isAlive(pid: number): Promise<boolean> {
  return (await identifyProcess(pid)) !== undefined;
}

interface Held {
  holder: ChildProcess;
  url: string;
  pid: number;
}

async function startInOtherProcess(): Promise<Held> {
  const file = path.join(import.meta.dirname, 'support/hold-postgres.ts');
  const holder = fork(file, [directory], { execArgv: ['--import', 'tsx'] });
  holders.push(holder);
  const [message] = (await once(holder, 'message')) as [{ url: string; pid: number }];
  return { holder, ...message };
}

describe('a first start', () => {
  test('creates a server of version 18 that stores UTF-8, sorts alike everywhere and keeps fsync on', async () => {
    const { url } = await start();
    const [row] = await query(
      url,
      `SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
              current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
              current_setting('listen_addresses') AS listen, current_user AS user, lower('Ü') AS lower`,
    );
    expect(row).toMatchObject({
      encoding: 'UTF8',
      fsync: 'on',
      commit: 'on',
      listen: '127.0.0.1',
      user: 'lyceum',
      lower: 'ü',
    });
    expect(row!['version']).toMatch(/^18\./);
  });

  test('keeps a password of its own, readable by its owner alone, and asks for it', async () => {
    const { url } = await start();
    const { mode } = await stat(path.join(directory, 'password'));
    expect(mode & 0o777).toBe(0o600);
    const guessed = new URL(url);
    guessed.password = 'guessed';
    await expect(query(guessed.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    expect(await embeddedPostgresUrl(directory, Number(guessed.port))).toBe(url);
  });

  test('that is interrupted leaves nothing that stops the next one', async () => {
    await mkdir(path.join(directory, 'data.initialising'), { recursive: true });
    await writeFile(path.join(directory, 'data.initialising', 'half-written'), '');
    const { url } = await start();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readdir(directory)).not.toContain('data.initialising');
  });

  test('takes settings on top of its own', async () => {
    const { url } = await start({ configuration: { max_connections: 42 } });
    expect(await query(url, 'SHOW max_connections')).toEqual([{ max_connections: '42' }]);
  });
});

describe('what was committed', () => {
  test('is there after a clean stop', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.stop();
    await expect(first.exited).resolves.toEqual({ code: 0, signal: null });
    const second = await start();
    expect(await query(second.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });

  test('is there after kill -9 of the server, which can be started again at once', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept (n int)');
    for (let n = 0; n < 20; n += 1) await query(first.url, `INSERT INTO kept VALUES (${n})`);
    const idle = new Client({ connectionString: first.url });
    idle.on('error', () => undefined);
    await idle.connect();
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await start();
    expect(await query(second.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 20 }]);
  });

  test('is there after kill -9 of the process that started it, whose orphan is stopped cleanly', async () => {
    const { holder, url, pid } = await startInOtherProcess();
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS seven');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await isAlive(pid)).toBe(true);
    const second = await start();
    expect(await isAlive(pid)).toBe(false);
    expect(await query(second.url, 'SELECT * FROM kept')).toEqual([{ seven: 7 }]);
  });

  test('is there after kill -9 of both, with a pid file that now names somebody else', async () => {
    const { holder, url, pid } = await startInOtherProcess();
    await query(url, 'CREATE TABLE kept AS SELECT 8 AS eight');
    holder.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await eventually(async () => !(await isAlive(pid)) && !(await isAlive(holder.pid!)));
    const file = path.join(directory, 'data', 'postmaster.pid');
    const lines = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, [String(process.ppid), ...lines.slice(1)].join('\n'));
    const second = await start();
    expect(await query(second.url, 'SELECT * FROM kept')).toEqual([{ eight: 8 }]);
  });
});

describe('faults', () => {
  test('a second start on the same data says who holds it, and leaves the first alone', async () => {
    const { holder, url } = await startInOtherProcess();
    await expect(start()).rejects.toMatchObject({
      code: 'DIRECTORY_IN_USE',
      message: expect.stringMatching(
        new RegExp(`in use by process ${holder.pid} \\(.*hold-postgres.*\\), running since`),
      ),
    });
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('a port in use is named, with its process and the variable to set', async () => {
    const other = net.createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as net.AddressInfo;
    await expect(start({ port, portVariable: 'MY_PORT' })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringMatching(new RegExp(`Port ${port}.*set MY_PORT`)),
    });
    await new Promise((resolve) => other.close(resolve));
    // The failed start gave the directory back.
    await start();
  });

  test('a port that is taken after it was found free is a port in use, not a failed engine', async () => {
    await (await start()).stop();
    const other = net.createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as net.AddressInfo;
    const data = path.join(directory, 'data');
    const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '' };
    const late = startPostmaster({
      binary: (await findPostgresBinaries()).postgres,
      data,
      arguments: configurationArguments(settings),
      account: await chooseAccount(data),
      logger,
    });
    await expect(late).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await new Promise((resolve) => other.close(resolve));
  });

  test('data of another major version is refused, untouched', async () => {
    const server = await start();
    await server.stop();
    const file = path.join(directory, 'data', 'PG_VERSION');
    await writeFile(file, '19\n');
    await expect(start()).rejects.toMatchObject({ code: 'DATA_TOO_NEW' });
    expect(await readFile(file, 'utf8')).toBe('19\n');
  });

  test('a directory that can not be written is named', async () => {
    await writeFile(directory, '');
    await expect(start()).rejects.toMatchObject({
      code: 'DIRECTORY_UNUSABLE',
      message: expect.stringContaining(directory),
    });
  });

  test('a setting that the server refuses is told in its own words', async () => {
    await expect(start({ configuration: { no_such_setting: '1' } })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringContaining('no_such_setting'),
    });
  });
});
