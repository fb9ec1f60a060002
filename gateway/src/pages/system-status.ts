import { request } from 'undici';
import { isOnThisMachine } from './public-addresses.ts';

/** A service whose state the start page shows. */
export interface ObservedService {
  readonly name: string;
  readonly url: string;
}

/** What a service says of itself at /health/ready. */
export interface ServiceStatus {
  readonly name: string;
  readonly state: 'ready' | 'not ready' | 'unreachable';
  /** Where a browser on this machine finds it; told to developers only, as is what it checks. */
  readonly url?: string;
  readonly checks?: readonly { readonly name: string; readonly ok: boolean; readonly reason?: string }[];
}

export interface SystemStatus {
  read(): Promise<{
    readonly at: string;
    readonly services: readonly ServiceStatus[];
    /** Accepted by the record store since it started, and records that await ClickHouse; null where it cannot say. */
    readonly statements: { readonly received: number | null; readonly lag: number | null };
  }>;
}

const patienceMs = 800;
const freshForMs = 900;

/**
 * Asks every service at most once a second, however many browsers watch.
 *
 * @param options.detailed whether more may be told than names and states: anybody can ask.
 */
export function createSystemStatus(
  services: readonly ObservedService[],
  { detailed }: { detailed: boolean },
): SystemStatus {
  let asked = 0;
  let answer: ReturnType<SystemStatus['read']> | undefined;

  async function ask() {
    const [states, received, lag] = await Promise.all([
      Promise.all(services.map((service) => readiness(service, detailed))),
      metric(urlOf('lrs-receive'), 'lyceum_statements_accepted_total'),
      metric(urlOf('lrs-ingest'), 'lyceum_log_consumer_lag'),
    ]);
    return { at: new Date().toISOString(), services: states, statements: { received, lag } };
  }

  const urlOf = (name: string) => services.find((service) => service.name === name)?.url;

  return {
    read() {
      if (answer && Date.now() - asked < freshForMs) return answer;
      asked = Date.now();
      answer = ask();
      return answer;
    },
  };
}

async function readiness({ name, url }: ObservedService, detailed: boolean): Promise<ServiceStatus> {
  const here = detailed && isOnThisMachine(url) ? { url } : {};
  try {
    const { statusCode, body } = await request(`${url}/health/ready`, timeouts());
    const { checks = [] } = (await body.json()) as Pick<ServiceStatus, 'checks'>;
    const state = statusCode === 200 ? 'ready' : 'not ready';
    return { name, state, ...here, ...(detailed ? { checks } : {}) };
  } catch {
    return { name, state: 'unreachable', ...here };
  }
}

/** The sum of a metric's samples at /metrics (https://prometheus.io/docs/instrumenting/exposition_formats/). */
async function metric(url: string | undefined, name: string): Promise<number | null> {
  if (url === undefined) return null;
  try {
    const { body } = await request(`${url}/metrics`, timeouts());
    const samples = (await body.text())
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return samples.length === 0
      ? null
      : samples.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  } catch {
    return null;
  }
}

function timeouts() {
  return { signal: AbortSignal.timeout(patienceMs) };
}
