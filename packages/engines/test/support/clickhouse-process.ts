import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clickHouseProcessEnvironment } from '../../src/index.ts';

const MAIN = path.resolve(import.meta.dirname, '../../src/clickhouse/main.ts');

/** The embedded ClickHouse in a process of its own, as the supervisor runs it. */
export interface ClickHouseProcess {
  url: string;
  pid: number;
  dataDirectory: string;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: no time to write anything. */
  kill(): Promise<void>;
}

/** A start that failed. */
export interface FailedStart {
  code: number | null;
  output: string;
}

/** Starts the process on `dataDirectory`, on a port of the system's choice unless `environment` sets one. */
export async function startClickHouse(
  dataDirectory: string,
  environment: Record<string, string> = {},
): Promise<ClickHouseProcess> {
  const { child, output } = launch(dataDirectory, environment);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const first = await Promise.race([readyUrl(child), exited]);
  if (typeof first !== 'string') throw new Error(`ClickHouse did not start: ${output()}`);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  return {
    url: first,
    pid: child.pid!,
    dataDirectory,
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL');
    },
  };
}

/** Starts the process where it should refuse. */
export async function startExpectingFailure(
  dataDirectory: string,
  environment: Record<string, string> = {},
): Promise<FailedStart> {
  const { child, output } = launch(dataDirectory, environment);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

/** A directory for one test file; remove it when done. */
export async function temporaryDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'lyceum-engines-'));
  return { path: directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

function launch(
  dataDirectory: string,
  environment: Record<string, string>,
): { child: ChildProcess; output: () => string } {
  const child = fork(MAIN, [], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      ...clickHouseProcessEnvironment,
      LYCEUM_DATA_DIR: dataDirectory,
      PORT: '0',
      LOG_LEVEL: 'warn',
      ...environment,
    },
  });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, output: () => text };
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('message', (message: { type: string; url: string }) => {
      if (message.type === 'ready') resolve(message.url);
    });
  });
}
