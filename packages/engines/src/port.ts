import { execFile } from 'node:child_process';
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
  const probe = net.createServer();
  try {
    await listening(probe, wish);
  } catch (error) {
    throw systemErrorCode(error) === 'EADDRINUSE' ? await portInUse(wish) : error;
  }
  await new Promise((resolve) => probe.close(resolve));
}

/** A free port of the system's choice on `host`. */
export async function freePort(host: string): Promise<number> {
  const probe = net.createServer();
  await listening(probe, { host, port: 0 });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no TCP address');
  return address.port;
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
