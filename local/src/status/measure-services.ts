import type { RunState } from '../data/run-state.ts';

/** What a service says of itself. */
export interface MeasuredService {
  readonly name: string;
  readonly url: string;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason: string | undefined;
  /** How far each group of consumers in it is behind the log, in records. */
  readonly lags: readonly ConsumerLag[];
}

export interface ConsumerLag {
  readonly group: string;
  readonly topic: string;
  readonly records: number;
}

const timeoutMs = 2_000;

/** Asks every service for /health/ready and /metrics, at the same time. */
export async function measureServices(services: RunState['services']): Promise<MeasuredService[]> {
  return Promise.all(
    services.map(async ({ name, url }) => {
      const [health, lags] = await Promise.all([readHealth(url), readLags(url)]);
      return { name, url, ...health, lags };
    }),
  );
}

interface HealthAnswer {
  checks?: { name: string; ok: boolean; reason?: string }[];
}

async function readHealth(url: string): Promise<Pick<MeasuredService, 'ready' | 'reason'>> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(timeoutMs) });
    const { checks = [] } = (await response.json()) as HealthAnswer;
    const failed = checks
      .filter(({ ok }) => !ok)
      .map((check) => `${check.name}: ${check.reason ?? 'not ready'}`);
    return { ready: response.ok, reason: failed.join('; ') || (response.ok ? undefined : 'not ready') };
  } catch (error) {
    return { ready: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function readLags(url: string): Promise<ConsumerLag[]> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(timeoutMs) });
    return parseLags(await response.text());
  } catch {
    // What it lacks to be ready is told by its health.
    return [];
  }
}

/** The lags in a page of metrics (Prometheus text format), summed over the partitions of a topic. */
export function parseLags(page: string): ConsumerLag[] {
  const lags = new Map<string, ConsumerLag>();
  for (const [, labels = '', value = '0'] of page.matchAll(/^lyceum_log_consumer_lag\{([^}]*)\} (\S+)$/gm)) {
    const { group = '', topic = '' } = parseLabels(labels);
    const key = `${group} ${topic}`;
    lags.set(key, { group, topic, records: (lags.get(key)?.records ?? 0) + Number(value) });
  }
  return [...lags.values()];
}

function parseLabels(text: string): { group?: string; topic?: string } {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value] as const),
  );
}
