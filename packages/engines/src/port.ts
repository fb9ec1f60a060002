import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import net from 'node:net';
import { promisify } from 'node:util';
import { EngineError, systemErrorCode } from './errors.ts';
import { identifyProcess } from './process-identity.ts';

const run = promisify(execFile);

/** A port that an engine wants, and the variable that a user sets to change it. */
export interface PortWish {
  engine: string;
  host: string;
  port: number;
  variable: string;
}

/**
 * Rejects when somebody already listens there.
 *
 * @throws EngineError `PORT_IN_USE`, naming the port, the process where it can be found, and the variable.
 */
export async function requireFreePort(wish: PortWish): Promise<void> {
  if (!(await isFree(wish.host, wish.port))) throw await portInUse(wish);
}

/** Below the ports from which systems pick those of outgoing connections: from 32768 on Linux, 49152 elsewhere. */
const FIRST_PORT = 20_000;
const LAST_PORT = 29_999;
const ATTEMPTS = 100;
/** What this process has chosen: two who ask at once get two. */
const chosen = new Set<number>();

/**
 * A free port on `host`, at random. It is bound later, by somebody else, and perhaps again and again; a port of the
 * system's choice would be any outgoing connection's meanwhile. See {@link onFreePort} for the rest of that risk.
 */
export async function freePort(host: string): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (chosen.has(port)) continue;
    chosen.add(port);
    if (await isFree(host, port)) return port;
  }
  throw new Error(
    `No port between ${FIRST_PORT} and ${LAST_PORT} on ${host} was free in ${ATTEMPTS} attempts.`,
  );
}

/**
 * Starts something on a free port, and on another one where that has been taken before it was bound.
 *
 * @param isTaken tells that fault from others
 */
export async function onFreePort<Started>(
  host: string,
  start: (port: number) => Promise<Started>,
  isTaken: (error: unknown) => boolean,
): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort(host));
    } catch (error) {
      if (!isTaken(error) || attempt === 5) throw error;
    }
  }
}

async function isFree(host: string, port: number): Promise<boolean> {
  const probe = net.createServer();
  try {
    await listening(probe, { host, port });
  } catch (error) {
    if (systemErrorCode(error) === 'EADDRINUSE') return false;
    throw error;
  }
  await new Promise((resolve) => probe.close(resolve));
  return true;
}

/** The error to show when `wish.port` is taken. */
export async function portInUse(wish: PortWish): Promise<EngineError> {
  const pid = await findListener(wish.port);
  const found = pid === undefined ? undefined : await identifyProcess(pid);
  const who = found === undefined ? 'another process' : `process ${found.pid} (${found.command})`;
  return new EngineError(
    'PORT_IN_USE',
    `Port ${wish.port}, which ${wish.engine} needs, is in use by ${who}. Stop it, or set ${wish.variable} to a free port.`,
  );
}

function listening(server: net.Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

/** The pid of a process that listens on the TCP port; undefined where the system won't tell. */
export async function findListener(port: number): Promise<number | undefined> {
  return process.platform === 'linux' ? findInProc(port) : findWithLsof(port);
}

async function findWithLsof(port: number): Promise<number | undefined> {
  try {
    const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp']);
    return Number(/^p(\d+)/m.exec(stdout)?.[1]) || undefined;
  } catch {
    return undefined;
  }
}

async function findInProc(port: number): Promise<number | undefined> {
  const sockets = new Set(await listeningSockets(port));
  if (sockets.size === 0) return undefined;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (await holdsSocket(pid, sockets)) return Number(pid);
  }
  return undefined;
}

// proc(5), /proc/net/tcp: local address is field 2 (hex address:hex port), state 4 (0A is LISTEN), inode 10.
async function listeningSockets(port: number): Promise<string[]> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((table) => readFile(table, 'utf8').catch(() => '')),
  );
  return tables
    .flatMap((table) => table.split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) === true && fields[3] === '0A')
    .map((fields) => `socket:[${fields[9] ?? ''}]`);
}

async function holdsSocket(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const descriptors = await readdir(directory).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`${directory}/${descriptor}`).catch(() => '');
    if (sockets.has(target)) return true;
  }
  return false;
}
