import { expect } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import type { RunningAssessment } from './assessment.ts';

/**
 * Waits until the service feeds exactly so many subscriptions. Nothing tells a client that its subscription is under
 * way: what happens before that is not told to it.
 */
export async function liveSubscribers({ url }: RunningAssessment, wanted: number): Promise<void> {
  await eventually(async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const count = /^lyceum_live_subscribers\{.*\} (\d+)$/m.exec(metrics)?.[1];
    expect(count).toBe(String(wanted));
  });
}
