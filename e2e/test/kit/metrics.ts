import type { System } from '@lyceum/testing';

/** The sum of a metric's samples at /metrics of a service; the name is a pattern. 0 where it has none. */
export async function metric(system: System, service: string, name: string): Promise<number> {
  return sumOf(await samplesOf(system, service, name));
}

/** The samples of a metric at /metrics of a service; the name is a pattern. */
export async function samplesOf(system: System, service: string, name: string): Promise<number[]> {
  const page = await (await fetch(`${system.url(service)}/metrics`)).text();
  const samples = [...page.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
  return samples.map(([, value]) => Number(value));
}

export function sumOf(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0);
}
