import type { HealthCheck, Metrics } from '@lyceum/service';
import type { Answer } from './exchange.ts';
import { joinMetricsPages } from './metrics-page.ts';
import type { Resource } from './router.ts';
import type { Siblings } from './siblings.ts';

/** Health and metrics, at the paths and in the form of every service (packages/service). */
export interface ServiceResources {
  readonly resources: Readonly<Record<string, Resource>>;
  /** From now on the service says that it is not ready. */
  stopping(): void;
}

export function createServiceResources(o: {
  checks: readonly HealthCheck[];
  metrics: Metrics;
  siblings: Siblings | undefined;
}): ServiceResources {
  let stopping = false;
  const { registry } = o.metrics;
  if (o.siblings !== undefined) {
    registry.setDefaultLabels({ service: 'lrs-receive', receiver: String(o.siblings.number) });
    o.siblings.answer('metrics', () => registry.metrics());
  }

  async function ready(): Promise<Answer> {
    const checks = await Promise.all(o.checks.map(runCheck));
    const isReady = !stopping && checks.every(({ ok }) => ok);
    const body = JSON.stringify({ status: isReady ? 'ready' : 'not ready', checks });
    return { status: isReady ? 200 : 503, body };
  }

  /** Of all receivers of this machine: whoever asks comes to one of them and can't choose which. */
  async function metrics(): Promise<Answer> {
    const own = registry.metrics();
    const others = (await o.siblings?.ask('metrics')) ?? [];
    const pages = [await own, ...others.filter((page) => typeof page === 'string')];
    const body = pages.length === 1 ? await own : joinMetricsPages(pages);
    return { status: 200, body, headers: { 'content-type': registry.contentType } };
  }

  return {
    resources: {
      '/health/live': { GET: () => ({ status: 200, body: '{"status":"live"}' }) },
      '/health/ready': { GET: ready },
      '/metrics': { GET: metrics },
    },
    stopping: () => {
      stopping = true;
    },
  };
}

async function runCheck(healthCheck: HealthCheck) {
  const { name } = healthCheck;
  try {
    await healthCheck.check();
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
