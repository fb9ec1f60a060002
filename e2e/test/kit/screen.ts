import { eventually, subscribe, type LiveSubscription, type System } from '@lyceum/testing';
import { metric } from './metrics.ts';
import type { Person } from './people.ts';

const live = 'lyceum_(?:learning_)?live_subscribers';

/**
 * A subscription to `progressUpdated` over graphql-ws; resolves when what happens from now on will be seen. Closed, it
 * is so for learning too: the next one counts from there.
 */
export async function openScreen<Data>(
  system: System,
  query: string,
  { token }: Person,
  variables: Record<string, unknown> = {},
): Promise<LiveSubscription<Data>> {
  const before = await metric(system, 'learning', live);
  const screen = subscribe<Data>(system.url('gateway'), query, { token, variables });
  await eventually(async () => {
    if ((await metric(system, 'learning', live)) <= before) throw new Error('Nobody subscribed to learning.');
  });
  const close = async () => {
    await screen.close();
    await eventually(async () => {
      if ((await metric(system, 'learning', live)) > before) throw new Error('Still subscribed to learning.');
    });
  };
  return { ...screen, close };
}
