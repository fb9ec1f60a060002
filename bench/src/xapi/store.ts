import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clickHouseProcessEnvironment, startPostgres } from '@lyceum/engines';
import { createEventLog, domainEvent, type EventLog } from '@lyceum/events';
import { createLogger } from '@lyceum/service';
// By path: local is started, not depended on.
import { layout, type ProcessName } from '../../../local/src/layout.ts';
import type { Runtime } from '../../../local/src/supervise/runtime.ts';
import type { EndLater } from '../ending/ending.ts';
import { startChild } from './children.ts';

/** The Learning Record Store as it runs on one machine: engines, receive and ingest, on new directories. */
export interface Store {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly clickHouseUrl: string;
  /** The processes whose use of the machine is of interest, by name. */
  readonly pids: Readonly<Record<'receive' | 'ingest' | 'clickhouse', number>>;
  /** Resolves when ClickHouse has everything; the milliseconds that took. */
  settled(): Promise<number>;
}

/** As on one machine. */
function runtimeOf(name: ProcessName): Runtime {
  const found = layout.find((process) => process.name === name);
  if (!found) throw new Error(`No process is called ${name}`);
  return found;
}

const logger = createLogger({ service: 'bench', level: 'error' });

/**
 * @param more variables of its services
 * @param endLater told of each part as it is started, so that a failure of the next one leaves none running
 */
export async function startStore(
  directory: string,
  endLater: EndLater,
  more: NodeJS.ProcessEnv = {},
): Promise<Store> {
  const postgres = await startPostgres({ directory: join(directory, 'postgres'), port: 0, logger });
  endLater(() => postgres.stop());
  const data = join(directory, 'data');
  const clickHouse = await startChild({
    file: 'packages/engines/src/clickhouse/main.ts',
    niceness: runtimeOf('clickhouse').niceness,
    env: { ...clickHouseProcessEnvironment, LYCEUM_DATA_DIR: data },
  });
  endLater(() => clickHouse.stop());
  const env = { ...more, LYCEUM_DATA_DIR: data, DATABASE_URL: postgres.url, CLICKHOUSE_URL: clickHouse.url };
  const ingest = await startChild({ file: 'lrs/dist/ingest/main.js', env, ...runtimeOf('lrs-ingest') });
  endLater(() => ingest.stop());
  const receive = await startChild({ file: 'lrs/dist/receivers/main.js', env, ...runtimeOf('lrs-receive') });
  endLater(() => receive.stop());
  const log = await createEventLog({
    kafkaBrokers: more['KAFKA_BROKERS'],
    directory: join(data, 'log'),
    clientId: 'bench',
    logger,
  });
  endLater(() => log.close());
  const headers = { 'x-experience-api-version': '1.0.3', authorization: await createKey(log) };
  await known(receive.url, headers);
  await allReceive(receive.url);
  return {
    url: receive.url,
    headers,
    clickHouseUrl: clickHouse.url,
    pids: { receive: receive.pid, ingest: ingest.pid, clickhouse: clickHouse.pid },
    settled: () => settled(log),
  };
}

/** Tells the store of a key, as identity would, and answers the credentials. */
async function createKey(log: EventLog): Promise<string> {
  const secret = randomBytes(16).toString('hex');
  const secretHash = createHash('sha256').update(secret).digest('hex');
  const key = {
    id: 'lrskey_bench',
    key: 'bench',
    secretHash,
    organisationId: 'org_bench',
    name: 'Bench',
    scopes: ['all'],
  };
  await log.append([
    domainEvent({
      type: 'lrs-key.created',
      subject: key.id,
      organisation: key.organisationId,
      data: { key },
    }),
  ]);
  return `Basic ${Buffer.from(`bench:${secret}`).toString('base64')}`;
}

async function known(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
  while ((await fetch(`${url}/xapi/statements?limit=1`, { headers })).status === 401) await delay(100);
}

/** The first receiver says that they are ready; the others follow. */
async function allReceive(url: string): Promise<void> {
  const count = Number(process.env['XAPI_RECEIVERS'] ?? 1);
  const page = async () => (await fetch(`${url}/metrics`)).text();
  while (count > 1 && !(await page()).includes(`receiver="${String(count)}"`)) await delay(100);
}

async function settled(log: EventLog): Promise<number> {
  const started = performance.now();
  const behind = async () => (await log.lag('lrs-ingest')).some(({ lag }) => lag > 0);
  while (await behind()) await delay(50);
  return performance.now() - started;
}
