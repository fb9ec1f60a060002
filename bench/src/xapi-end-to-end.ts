import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endingAll } from './ending/ending.ts';
import { cpuTime } from './identity/process-use.ts';
import { median, printReport, round } from './report/report.ts';
import { bareInsert } from './xapi/bare-insert.ts';
import { ask } from './xapi/click-house.ts';
import { load } from './xapi/load.ts';
import { pace } from './xapi/pace.ts';
import { runningStore } from './xapi/running-store.ts';

// `npm run bench -- xapi-end-to-end [perSecond] [seconds]`: statements in batches of 100, so many a second, until they can
// be queried, and how far that lies behind accepting them meanwhile. Beside a ClickHouse that takes the same rows and does
// nothing else.

const [perSecond = 60_000, seconds = 60] = process.argv.slice(2).map(Number);

/** How many statements were accepted and could not be queried, at an instant. */
interface Sample {
  readonly at: number;
  readonly behind: number;
}

async function sampleUntil(over: AbortSignal, sample: () => Promise<void>): Promise<void> {
  while (!over.aborted) {
    await sample();
    await delay(500);
  }
}

await endingAll(async (endLater) => {
  const store = await runningStore(endLater);
  const { url, headers, clickHouseUrl, pids, directory } = store;
  const queryable = async () => Number(await ask(clickHouseUrl, 'SELECT count() FROM statements'));
  await load({ url, headers, batch: 100, connections: 16, seconds: 2 });
  await store.settled();

  const before = await queryable();
  const names = ['receive', 'ingest', 'clickhouse'] as const;
  const used = Object.fromEntries(names.map((name) => [name, cpuTime(pids[name])]));
  const began = performance.now();
  const pacing = pace({ url, headers, batch: 100, connections: 16, perSecond, seconds });
  const samples: Sample[] = [];
  const over = new AbortController();
  const sampling = sampleUntil(over.signal, async () => {
    const accepted = pacing.accepted();
    samples.push({ at: performance.now() - began, behind: accepted - ((await queryable()) - before) });
  });
  await pacing.ended;
  const acceptedMs = performance.now() - began;
  over.abort();
  await sampling;
  await store.settled();
  const queryableMs = performance.now() - began;
  const count = (await queryable()) - before;
  if (count !== pacing.accepted())
    throw new Error(`${String(count)} of ${String(pacing.accepted())} statements can be queried`);
  const parts = Object.fromEntries(
    names.map((name) => [name, ((cpuTime(pids[name]) - (used[name] ?? NaN)) * 1_000) / count]),
  );
  const bytes = Number(
    await ask(
      clickHouseUrl,
      `SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE active AND table = 'statements'`,
    ),
  );
  const bare = await bareInsert({ clickHouseUrl, directory: join(directory, 'bare'), seconds: 15 }, endLater);

  const rate = (count * 1_000) / queryableMs;
  // Steady: not more at the end than in the middle.
  const lag = (from: number, to: number) =>
    median(
      samples.filter(({ at }) => at >= acceptedMs * from && at < acceptedMs * to).map(({ behind }) => behind),
    ) / perSecond;
  const figures = {
    'offered.perSecond': perSecond,
    'accepted.perSecond': round((count * 1_000) / acceptedMs),
    'queryable.perSecond': round(rate),
    'bare.rowsPerSecond': round(bare),
    'lag.middleThird.s': round(lag(1 / 3, 2 / 3)),
    'lag.lastThird.s': round(lag(2 / 3, 1)),
    'lag.greatest.s': round(Math.max(...samples.map(({ behind }) => behind)) / perSecond),
    'receive.cpuMicros': round(parts['receive'] ?? NaN),
    'ingest.cpuMicros': round(parts['ingest'] ?? NaN),
    'clickhouse.cpuMicros': round(parts['clickhouse'] ?? NaN),
    'disk.bytesAStatement': round(bytes),
  };
  printReport([figures], { bench: 'xapi-end-to-end', figures, ratios: { ofBare: round(rate / bare) } });
});
