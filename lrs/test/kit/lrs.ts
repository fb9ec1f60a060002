import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { createEventLog, domainEvent, type EventLog } from '@lyceum/events';
import { createLogger, type RunningService } from '@lyceum/service';
import { eventually, prepareDatabase, temporaryDirectory } from '@lyceum/testing';
import { statementsTopic } from '@lyceum/xapi';
import { ingestGroup } from '../../src/ingest/group.ts';
import { startIngest } from '../../src/ingest/main.ts';
import { readEnv as readIngestEnv } from '../../src/ingest/env.ts';
import { readEnv } from '../../src/receive/env.ts';
import { startReceive } from '../../src/receive/main.ts';
import { keepErrors } from './kept-errors.ts';
import { startProcess, type ServiceProcess } from './child.ts';
import { secret, secretHash, xapiClient, type XapiClient } from './xapi-client.ts';

export const publicUrl = 'http://lyceum.example';

let clickHouseProcess: Promise<ServiceProcess> | undefined;
let made = 0;

/** The ClickHouse of this test file. */
export function startClickHouse(): Promise<ServiceProcess> {
  clickHouseProcess ??= startProcess('packages/engines/src/clickhouse/main.ts', {
    LYCEUM_DATA_DIR: temporaryDirectory(),
    PORT: '0',
    UV_THREADPOOL_SIZE: '12',
  });
  return clickHouseProcess;
}

/** Databases, a log and a ClickHouse of its own, with nothing running on them yet. */
export interface Ground {
  readonly env: NodeJS.ProcessEnv;
  readonly log: EventLog;
  readonly clickHouse: ClickHouseClient;
  /** Tells the LRS of a key, as identity would. */
  createKey(key: { name: string; organisationId: string; scopes?: string[] }): Promise<void>;
  revokeKey(name: string, organisationId: string): Promise<void>;
  count(where?: string): Promise<number>;
  /** Resolves when ClickHouse has what is on the log. */
  ingested(): Promise<void>;
  close(): Promise<void>;
}

export async function prepareGround(more: NodeJS.ProcessEnv = {}): Promise<Ground> {
  made += 1;
  const directory = more['LYCEUM_DATA_DIR'] ?? temporaryDirectory();
  const clickHouseUrl = `${(await startClickHouse()).url}/t${String(made)}`;
  const env = {
    LYCEUM_DATA_DIR: directory,
    DATABASE_URL: await prepareDatabase(
      'lrs',
      fileURLToPath(new URL('../../prisma/migrations', import.meta.url)),
    ),
    CLICKHOUSE_URL: clickHouseUrl,
    PUBLIC_URL: publicUrl,
    LOG_LEVEL: 'fatal',
    PORT: '0',
    ...more,
  };
  const logger = createLogger({ service: 'test', level: 'silent' });
  const kafkaBrokers = more['KAFKA_BROKERS'];
  const log = await createEventLog({
    kafkaBrokers,
    directory: join(directory, 'log'),
    clientId: 'test',
    logger,
  });
  const clickHouse = createClient({
    url: clickHouseUrl.replace(/\/t\d+$/, ''),
    database: `t${String(made)}`,
    log: { level: ClickHouseLogLevel.OFF },
  });
  return {
    env,
    log,
    clickHouse,
    createKey: ({ name, organisationId, scopes = ['all'] }) => {
      const key = { id: `lrskey_${name}`, key: name, secretHash, organisationId, name, scopes };
      return log.append([
        domainEvent({
          type: 'lrs-key.created',
          subject: key.id,
          organisation: organisationId,
          data: { key },
        }),
      ]);
    },
    revokeKey: (name, organisationId) => {
      const key = { id: `lrskey_${name}`, key: name, organisationId, revokedAt: new Date().toISOString() };
      return log.append([
        domainEvent({
          type: 'lrs-key.revoked',
          subject: key.id,
          organisation: organisationId,
          data: { key },
        }),
      ]);
    },
    count: async (where = '1') => {
      const answer = await clickHouse.query({
        query: `SELECT count() FROM statements WHERE ${where}`,
        format: 'TabSeparated',
      });
      return Number(await answer.text());
    },
    ingested: () =>
      log.passed({ group: ingestGroup, topic: statementsTopic, signal: AbortSignal.timeout(60_000) }),
    close: async () => {
      await clickHouse.close();
      await log.close();
    },
  };
}

/** A whole LRS in this process. */
export interface Lrs extends Ground {
  readonly url: string;
  /** A client with a key of its own for the organisation, once the LRS knows it. */
  client(organisationId: string, scopes?: string[]): Promise<XapiClient>;
  /** Stops the receiver alone. */
  stopReceiving(): Promise<void>;
  stop(): Promise<void>;
}

export async function startLrs(more: NodeJS.ProcessEnv = {}): Promise<Lrs> {
  const ground = await prepareGround(more);
  const errors = keepErrors();
  const ingest = await startIngest(readIngestEnv(ground.env), errors.logger);
  const receive = await startReceive(readEnv(ground.env), errors.logger);
  const url = receive.url ?? '';
  let keys = 0;
  let stopped: Promise<void> | undefined;
  const stopReceiving = () => (stopped ??= receive.stop());
  return {
    ...ground,
    url,
    client: async (organisationId, scopes = ['all']) => {
      keys += 1;
      const name = `key${String(keys)}`;
      await ground.createKey({ name, organisationId, scopes });
      const client = xapiClient(url, name, () => {
        errors.show();
      });
      await knows(client);
      return client;
    },
    stopReceiving,
    stop: () => stopAll([{ stop: stopReceiving }, ingest], ground),
  };
}

async function stopAll(services: readonly RunningService[], ground: Ground): Promise<void> {
  for (const service of services) await service.stop();
  await ground.close();
}

/** Resolves when the receiver knows the key. */
export async function knows(client: XapiClient): Promise<void> {
  await eventually(async () => {
    const { status } = await client.post('[]');
    if (status === 401) throw new Error('the key is not known yet');
  });
}

export { secret };
