import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedPostgresUrl, identifyProcess } from '@lyceum/engines';
import { repositoryRoot } from '@lyceum/service';
import { runCommand, type RunningCommand } from './command.ts';
import { eventually } from './eventually.ts';

/** What .lyceum/run.json says of a system that runs. */
export interface SystemState {
  readonly publicUrl: string;
  /** By variable, as GATEWAY_PORT. */
  readonly ports: Readonly<Record<string, number>>;
  readonly services: readonly { name: string; process: string; url: string }[];
  readonly processes: readonly { name: string; pid?: number; status: string; restarts: number }[];
}

/**
 * The whole system, as `npm start` brings it up: its own processes, on a data directory and ports of its own. It can be
 * started again on what an earlier start has left, at the same addresses.
 */
export interface System {
  readonly directory: string;
  /** Resolves when the banner is there; rejects with all that was said when it ends before. */
  start(): Promise<void>;
  /** The supervisor of the last start. */
  supervisor(): RunningCommand;
  state(): SystemState;
  /** The address of a service, such as `gateway`, `lrs-receive`. */
  url(service: string): string;
  clickhouseUrl(): string;
  /** Of the database of a service, such as `learning`. */
  databaseUrl(service: string): Promise<string>;
  /** A command beside `npm start` with its arguments, such as `['status']`, pointed at this system. */
  run(args: readonly string[], env?: NodeJS.ProcessEnv): RunningCommand;
  /** Ctrl-C: the exit code, once all has ended. */
  stop(): Promise<number | string>;
  /** Ends what runs, however it stands, and deletes the data. */
  delete(): Promise<void>;
}

const portVariables = [
  ...['GATEWAY_PORT', 'LRS_PORT', 'LRS_INGEST_PORT', 'CLICKHOUSE_PORT', 'POSTGRES_PORT'],
  ...['IDENTITY_PORT', 'CATALOG_PORT', 'LEARNING_PORT', 'ASSESSMENT_PORT', 'RECORDS_PORT'],
];

/**
 * @param options.env beyond what the system chooses itself, such as KAFKA_BROKERS
 * @param options.root of the repository, where it is not this one but a copy
 */
export function createSystem({
  env = {},
  root = repositoryRoot(),
}: { env?: NodeJS.ProcessEnv; root?: string } = {}): System {
  const parent = mkdtempSync(join(tmpdir(), 'lyceum-system-'));
  // Where the tests run as root, PostgreSQL runs as somebody else, who must be able to walk there.
  chmodSync(parent, 0o755);
  const directory = join(parent, 'data');
  // The first start chooses, below the ports of outgoing connections; later ones stay there, since PUBLIC_URL is part of
  // the data.
  let ports = Object.fromEntries(portVariables.map((name) => [name, '0']));
  let running: RunningCommand | undefined;

  const state = () => JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as SystemState;
  const supervisor = () => {
    if (!running) throw new Error('The system was not started yet.');
    return running;
  };
  const run = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    runCommand(args, {
      directory: root,
      env: { ...ports, ...env, ...more, LYCEUM_DATA_DIR: directory },
    });

  return {
    directory,
    supervisor,
    state,
    async start() {
      const mayChoose = Object.values(ports).every((port) => port === '0');
      await startOnItsPorts(() => (running = run(['local/start.cjs'])), mayChoose);
      ports = Object.fromEntries(Object.entries(state().ports).map(([name, port]) => [name, String(port)]));
    },
    url: (service) => {
      const found = state().services.find(({ name }) => name === service);
      if (!found) throw new Error(`No service ${service} runs.`);
      return found.url;
    },
    clickhouseUrl: () => env['CLICKHOUSE_URL'] ?? `http://localhost:${ports['CLICKHOUSE_PORT'] ?? ''}`,
    databaseUrl: (service) =>
      embeddedPostgresUrl(join(directory, 'postgres'), Number(ports['POSTGRES_PORT']), `lyceum_${service}`),
    run: (args, more) => run(['local/run.mjs', ...args], more),
    async stop() {
      supervisor().signal('SIGINT');
      return supervisor().ended;
    },
    async delete() {
      const left = existsSync(join(directory, 'run.json')) ? state().processes : [];
      running?.signal('SIGKILL');
      await running?.ended;
      await Promise.all(left.flatMap(({ pid }) => pid ?? []).map(hasEnded));
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

/** Resolves when the system is ready. Where it may choose its ports, one taken since it chose is a reason to try again. */
async function startOnItsPorts(start: () => RunningCommand, mayChoose: boolean): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const running = start();
    try {
      await running.until(/Lyceum is ready after/);
      return;
    } catch (error) {
      const isTaken = /Port \d+\D.* in use/.test(running.output());
      if (!mayChoose || !isTaken || attempt === 3) throw error;
    }
  }
}

/** Waits for a process that is not a child of this one. */
export async function hasEnded(pid: number): Promise<void> {
  await eventually(
    async () => {
      const found = await identifyProcess(pid);
      if (found !== undefined) throw new Error(`Process ${pid} still runs: ${found.command}`);
    },
    { timeoutMs: 20_000 },
  );
}
