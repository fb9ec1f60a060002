import type { HealthCheck, Metrics } from '@lyceum/service';
import type { Answer } from './exchange.ts';
import type { Resource } from './router.ts';

/** Health and metrics, at the paths and in the form of every service (packages/service). */
export interface ServiceResources {
  readonly resources: Readonly<Record<string, Resource>>;
  /** From now on the service says that it is not ready. */
  stopping(): void;
}

export function createServiceResources(o: {
  checks: readonly HealthCheck[];
  metrics: Metrics;
}): ServiceResources {
  let stopping = false;

  async function ready(): Promise<Answer> {
    const checks = await Promise.all(o.checks.map(runCheck));
    const isReady = !stopping && checks.every(({ ok }) => ok);
    const body = JSON.stringify({ status: isReady ? 'ready' : 'not ready', checks });
    return { status: isReady ? 200 : 503, body };
  }

  async function metrics(): Promise<Answer> {
    const { registry } = o.metrics;
    return { status: 200, body: await registry.metrics(), headers: { 'content-type': registry.contentType } };
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
