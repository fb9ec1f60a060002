import { connect } from 'node:net';
import { untilAnswers } from '@lyceum/service';
import type { LocalEnvironment } from '../env.ts';
import { StartFault } from '../start-fault.ts';

/**
 * Waits for every engine that the environment names.
 *
 * @throws StartFault that lists every one that did not answer, and for how long it was tried.
 */
export async function requireGivenEngines(env: LocalEnvironment): Promise<void> {
  const options = { timeoutMs: env.LYCEUM_ENGINE_TIMEOUT_SECONDS * 1000 };
  const tries = givenEngines(env).map((engine) => untilAnswers(engine, engine.probe, options));
  const results = await Promise.allSettled(tries);
  const faults = results.flatMap((result) =>
    result.status === 'rejected' ? [messageOf(result.reason)] : [],
  );
  if (faults.length > 0) throw new StartFault(faults.join('\n'));
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

interface GivenEngine {
  name: string;
  variable: string;
  url: string;
  readonly probe: () => Promise<void>;
}

function givenEngines({ DATABASE_URL, CLICKHOUSE_URL, KAFKA_BROKERS }: LocalEnvironment): GivenEngine[] {
  const engines: GivenEngine[] = [];
  if (DATABASE_URL !== undefined) {
    const { hostname, port } = new URL(DATABASE_URL);
    const probe = () => accepts(hostname, Number(port || 5432));
    engines.push({ name: 'PostgreSQL', variable: 'DATABASE_URL', url: DATABASE_URL, probe });
  }
  if (CLICKHOUSE_URL !== undefined) {
    const probe = () => answersPing(CLICKHOUSE_URL);
    engines.push({ name: 'ClickHouse', variable: 'CLICKHOUSE_URL', url: CLICKHOUSE_URL, probe });
  }
  if (KAFKA_BROKERS !== undefined) {
    const probe = () => anyAccepts(KAFKA_BROKERS.split(','));
    engines.push({ name: 'Kafka', variable: 'KAFKA_BROKERS', url: KAFKA_BROKERS, probe });
  }
  return engines;
}

const probeTimeoutMs = 3_000;

/** Resolves once a TCP connection stands; what follows it is the service's own matter. */
function accepts(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: probeTimeoutMs });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => socket.destroy(new Error(`no answer within ${probeTimeoutMs} ms`)));
    socket.once('error', reject);
  });
}

async function anyAccepts(brokers: readonly string[]): Promise<void> {
  const tries = brokers.map((broker) => {
    const separator = broker.lastIndexOf(':');
    return accepts(broker.slice(0, separator), Number(broker.slice(separator + 1)));
  });
  await Promise.any(tries).catch((error: unknown) => {
    throw (error as AggregateError).errors[0];
  });
}

/** https://clickhouse.com/docs/en/interfaces/http: `/ping` needs no credentials. */
async function answersPing(url: string): Promise<void> {
  const { origin } = new URL(url);
  const response = await fetch(new URL('/ping', origin), { signal: AbortSignal.timeout(probeTimeoutMs) });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`HTTP ${response.status} for /ping`);
}
