import { eventually, type System } from '@lyceum/testing';
import { queryDatabase } from './database.ts';
import { samplesOf, sumOf } from './metrics.ts';

const publishers = ['identity', 'catalog', 'learning', 'assessment', 'records'];
const appenders = [...publishers, 'lrs-receive'];
const consumers = ['lrs-ingest', 'lrs-receive', 'learning', 'assessment', 'records'];

/**
 * Waits until nothing is on its way: every group of consumers has committed all that the log holds, every outbox is
 * empty, and nothing came to the log while that was looked at. What a consumer does may fill an outbox, what comes out
 * of it goes to the log, and from there to a consumer: each of them may be empty while the others are not.
 */
export async function untilNothingIsUnderWay(system: System): Promise<void> {
  await eventually(
    async () => {
      const before = await appended(system);
      for (const service of consumers) await expectAllRead(system, service);
      for (const service of publishers) await expectAllPublished(system, service);
      if ((await appended(system)) !== before) throw new Error('The log still grows.');
    },
    { timeoutMs: 30_000, pauseMs: 100 },
  );
}

async function appended(system: System): Promise<number> {
  const counts = await Promise.all(
    appenders.map((service) => samplesOf(system, service, 'lyceum_log_appended_records_total')),
  );
  return sumOf(counts.flat());
}

async function expectAllRead(system: System, service: string): Promise<void> {
  const lags = await samplesOf(system, service, 'lyceum_log_consumer_lag');
  // A service whose lag is not known yet is not one that has read everything.
  if (lags.length === 0) throw new Error(`${service} does not tell how far it lags behind.`);
  if (sumOf(lags) > 0) throw new Error(`${service} is ${sumOf(lags)} records behind.`);
}

async function expectAllPublished(system: System, service: string): Promise<void> {
  const query = 'SELECT count(*)::int AS waiting FROM outbox';
  const [row] = await queryDatabase<{ waiting: number }>(system, service, query);
  if (row!.waiting > 0) throw new Error(`${row!.waiting} events wait in the outbox of ${service}.`);
}
