import { createSubscriberQueue, type SubscriberQueue } from '@lyceum/events';
import { invalid, requirePermission, viewerMay, type Viewer } from '@lyceum/service';
import type { Store } from '../store/store.ts';
import type { ProgressTracker } from './ingest-progress.ts';
import { createRates, longestHistory, type StatementRate } from './statement-rates.ts';
import type { StoreHealth, StoreHealths } from './store-health.ts';

export type LiveHealth = ReturnType<typeof createLiveHealth>;

interface Subscriber<T> {
  readonly organisationId: string;
  readonly queue: SubscriberQueue<T>;
}

interface RateSubscriber extends Subscriber<StatementRate> {
  /** The second (Unix) that comes next; so many seconds back, before the first. */
  next: number | { readonly history: number };
}

const everyMs = 1_000;

/** Seconds that may wait for a slow subscriber, one or more each. */
const mostWaiting = 1_000;

/**
 * What is measured every second while somebody listens, once for all who do: a query of each kind, whatever the number of
 * subscribers and organisations. A slow subscriber misses measurements of health, and no second of a rate.
 */
export function createLiveHealth(o: {
  healths: Pick<StoreHealths, 'measure'>;
  store: Pick<Store, 'storeHealth'>;
  progress: Pick<ProgressTracker, 'of'>;
}) {
  const rates = createRates(o);
  const ofHealth = new Set<Subscriber<StoreHealth>>();
  const ofRate = new Set<RateSubscriber>();
  let timer: NodeJS.Timeout | undefined;
  let measuring: Promise<void> | undefined;

  /** Measures at once, so that nobody waits for the second to end, and from then on every second. */
  function begin(): void {
    measure();
    timer ??= setInterval(measure, everyMs).unref();
  }

  function end(): void {
    if (ofHealth.size + ofRate.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  function measure(): void {
    measuring ??= Promise.all([measureHealth(), measureRates()]).then(
      () => (measuring = undefined),
      () => (measuring = undefined),
    );
  }

  async function measureHealth(): Promise<void> {
    if (ofHealth.size === 0) return;
    const measured = await o.healths.measure(organisationsOf(ofHealth));
    for (const { organisationId, queue } of ofHealth) {
      const health = measured.get(organisationId);
      if (health !== undefined) queue.push(health);
    }
  }

  /** Rejects while ClickHouse does not answer: the seconds come later. */
  async function measureRates(): Promise<void> {
    await rates.advance(organisationsOf(ofRate));
    for (const subscriber of ofRate) {
      const rate = rates.since(subscriber.organisationId, subscriber.next);
      if (rate === undefined) continue;
      subscriber.next = rate.through.getTime() / 1000;
      subscriber.queue.push(rate);
    }
  }

  return {
    /** @throws FORBIDDEN */
    health(viewer: Viewer): AsyncIterableIterator<StoreHealth> {
      requirePermission(viewer, 'store.health.read');
      const queue = createSubscriberQueue<StoreHealth>({
        limit: 1,
        keyOf: () => 'newest',
        onEnd: () => {
          ofHealth.delete(subscriber);
          end();
        },
      });
      const subscriber: Subscriber<StoreHealth> = { organisationId: viewer.organisationId, queue };
      ofHealth.add(subscriber);
      begin();
      return queue;
    },

    /** @throws FORBIDDEN; INVALID for a history of more than 15 minutes */
    rate(viewer: Viewer, history: number): AsyncIterableIterator<StatementRate> {
      if (!viewerMay(viewer, 'store.health.read')) requirePermission(viewer, 'statement.read.all');
      if (history < 0 || history > longestHistory)
        throw invalid(['history'], `history must be from 0 to ${longestHistory}; it was ${history}.`);
      const queue = createSubscriberQueue<StatementRate>({
        limit: mostWaiting,
        onEnd: () => {
          ofRate.delete(subscriber);
          end();
        },
      });
      const subscriber: RateSubscriber = {
        organisationId: viewer.organisationId,
        queue,
        next: { history },
      };
      ofRate.add(subscriber);
      begin();
      return queue;
    },

    async stop(): Promise<void> {
      for (const { queue } of [...ofHealth, ...ofRate]) queue.end();
      clearInterval(timer);
      await measuring;
    },
  };
}

const organisationsOf = (subscribers: Iterable<Pick<Subscriber<unknown>, 'organisationId'>>) => [
  ...new Set([...subscribers].map(({ organisationId }) => organisationId)),
];
