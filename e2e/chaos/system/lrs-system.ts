import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedPostgresUrl, freePort } from '@lyceum/engines';
// By path: local is started, not depended on.
import { layout, type ProcessLayout } from '../../../local/src/layout.ts';
import type { PortVariable } from '../../../local/src/services.ts';
import { openLogFile } from '../../../local/src/supervise/log-file.ts';
import { createManagedProcess, type ManagedProcess } from '../../../local/src/supervise/managed-process.ts';
import { planProcess } from '../../../local/src/supervise/process-plans.ts';
import type { Addresses } from '../../../local/src/supervise/service-environment.ts';
import { createSupervisor } from '../../../local/src/supervise/supervisor.ts';
import { prepareKafka, type KafkaProcess } from './kafka-process.ts';
import { makeKey } from './make-key.ts';

/** The LRS and its engines under the supervisor of `npm start`, on a directory and ports of their own. */
export interface LrsSystem {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly clickHouseUrl: string;
  /** Of all data, and logs/. */
  readonly directory: string;
  /** Those that can be killed now, by name: the pid that the supervisor, or whoever sees to it, has started. */
  running(): ReadonlyMap<string, number>;
  /** Resolves with the names of what has not stopped by itself. */
  stop(): Promise<string[]>;
  delete(): void;
}

const host = '127.0.0.1';
const wanted = ['postgres', 'clickhouse', 'lrs-ingest', 'lrs-receive'];

/** @param onEvent told in one line what happens to a process */
export async function startLrsSystem(o: {
  kafka: boolean;
  onEvent: (line: string) => void;
}): Promise<LrsSystem> {
  // Not mkdtemp: started as root, PostgreSQL runs as another user, who may not enter what that makes.
  const directory = join(tmpdir(), `lyceum-chaos-${randomUUID()}`);
  const logs = join(directory, 'logs');
  mkdirSync(logs, { recursive: true });
  const addresses = await chooseAddresses();
  const kafka = o.kafka ? await prepareKafka(o.onEvent) : undefined;
  const env = environmentOf(directory, addresses, kafka);
  const processes: ManagedProcess[] = [];

  async function create(entry: ProcessLayout): Promise<ManagedProcess> {
    const port = addresses.ports.get('POSTGRES_PORT') ?? 0;
    const DATABASE_URL = entry.needs.includes('postgres')
      ? await embeddedPostgresUrl(join(directory, 'postgres'), port, 'lyceum')
      : undefined;
    const plan = planProcess(entry, addresses, { ...env, ...(DATABASE_URL && { DATABASE_URL }) });
    const log = openLogFile(join(logs, `${entry.name}.log`), o.onEvent, 1e9);
    const managed = createManagedProcess(plan, log, {
      line: () => undefined,
      changed: () => undefined,
      crashed: (name, how, pauseMs) => {
        o.onEvent(`${name}: ${how}, again in ${pauseMs} ms`);
      },
      recovered: (name, milliseconds) => {
        o.onEvent(`${name}: back after ${milliseconds} ms`);
      },
    });
    processes.push(managed);
    return managed;
  }

  const supervisor = createSupervisor(
    layout.filter(({ name }) => wanted.includes(name)),
    create,
  );
  const system: LrsSystem = {
    url: `http://${host}:${addresses.ports.get('LRS_PORT') ?? 0}`,
    headers: {},
    clickHouseUrl: addresses.clickhouseUrl,
    directory,
    running() {
      const states = processes.map((each) => each.state());
      const found = states.flatMap(({ name, pid, status }) =>
        pid !== undefined && (status === 'ready' || status === 'starting') ? [[name, pid] as const] : [],
      );
      const broker = kafka?.pid();
      return new Map([...found, ...(broker === undefined ? [] : [['kafka', broker] as const])]);
    },
    async stop() {
      const overdue = await supervisor.stop();
      await kafka?.stop();
      return overdue;
    },
    delete: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
  try {
    await supervisor.start(() => undefined);
    const { url } = system;
    const log = join(directory, 'log');
    const headers = await makeKey({ directory: log, kafkaBrokers: kafka?.brokers, url });
    return { ...system, headers };
  } catch (error) {
    await system.stop();
    system.delete();
    throw error;
  }
}

async function chooseAddresses(): Promise<Addresses> {
  const variables: PortVariable[] = ['LRS_PORT', 'LRS_INGEST_PORT', 'CLICKHOUSE_PORT', 'POSTGRES_PORT'];
  const ports = new Map<PortVariable, number>();
  for (const variable of variables) ports.set(variable, await freePort(host));
  return {
    host,
    ports,
    publicUrl: 'http://lyceum.example',
    databaseUrl: '',
    clickhouseUrl: `http://${host}:${ports.get('CLICKHOUSE_PORT') ?? 0}`,
  };
}

function environmentOf(
  directory: string,
  { publicUrl, clickhouseUrl }: Addresses,
  kafka: KafkaProcess | undefined,
): NodeJS.ProcessEnv {
  return {
    ...process.env,
    LYCEUM_DATA_DIR: directory,
    CLICKHOUSE_URL: clickhouseUrl,
    PUBLIC_URL: publicUrl,
    HOST: host,
    LOG_LEVEL: 'info',
    ...(kafka && { KAFKA_BROKERS: kafka.brokers }),
  };
}
