import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import { Kafka, logLevel, type Admin, type LogEntry } from 'kafkajs';
import { EventLogUnavailableError } from '../errors.ts';

/** Names the brokers in the error of whatever they do not answer. */
export interface KafkaClient {
  readonly kafka: Kafka;
  readonly brokers: readonly string[];
}

/** How long a request is repeated before it is given up: about 20 s. */
export const RETRY = { initialRetryTime: 100, factor: 0, multiplier: 2, maxRetryTime: 3_000, retries: 10 };
export const REQUEST_TIMEOUT_MS = 30_000;

/** @param brokers `host:port`, comma-separated */
export function createKafkaClient(brokers: string, clientId: string, logger: Logger): KafkaClient {
  const names = brokers
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const kafka = new Kafka({
    clientId,
    brokers: names,
    connectionTimeout: 3_000,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => toPino(logger),
  });
  return { kafka, brokers: names };
}

/** kafkajs calls every passing fault an error and then repeats the request: what matters is logged by its callers. */
function toPino(logger: Logger) {
  return ({ level, namespace, log: { message, ...rest } }: LogEntry): void => {
    logger[level === logLevel.ERROR ? 'info' : 'debug']({ namespace, ...rest }, `kafkajs: ${message}`);
  };
}

/**
 * Connects, trying for as long as given.
 *
 * @throws EventLogUnavailableError naming the brokers and the time
 */
export async function connectAdmin({ kafka, brokers }: KafkaClient, tryForMs: number): Promise<Admin> {
  const deadline = Date.now() + tryForMs;
  for (;;) {
    const admin = kafka.admin({ retry: { ...RETRY, retries: 1 } });
    try {
      await admin.connect();
      await admin.disconnect();
      break;
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      if (Date.now() > deadline)
        throw new EventLogUnavailableError(brokers, Math.round(tryForMs / 1000), error);
      await sleep(250);
    }
  }
  const admin = kafka.admin();
  await admin.connect();
  return admin;
}
