import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endingAll } from './ending/ending.ts';
import { percentile } from './identity/times.ts';
import { printReport, round } from './report/report.ts';
import { startChild } from './xapi/children.ts';
import { mixedActivities, runActivities } from './xapi/soak/mixed-load.ts';
import { slopeOf, watchMemory } from './xapi/soak/process-memory.ts';
import { startStore } from './xapi/store.ts';

// `npm run bench -- xapi-soak [minutes]`: reading and writing at a moderate rate, for long: the memory of each process and
// where it goes, errors, latencies. Beside it, what a bare server takes for the same single POSTs.

const [minutes = 15] = process.argv.slice(2).map(Number);
const seconds = minutes * 60;
const sampleMs = 2_000;

/** Caches fill at first: what is said of the memory is of the time after it. */
const warmingShare = 0.4;

await endingAll(async (endLater) => {
  // Not mkdtemp: started as root, PostgreSQL runs as another user, who may not enter what that makes.
  const directory = join(tmpdir(), `lyceum-bench-${randomUUID()}`);
  mkdirSync(directory);
  endLater(() => rm(directory, { recursive: true, force: true }));
  const bare = await startChild({ file: 'bench/src/xapi/bare-server.ts', args: [join(directory, 'bare')] });
  const [single] = mixedActivities({ url: bare.url, headers: {} });
  const [limit] = await runActivities(single ? [single] : [], 10);
  await bare.stop();

  const store = await startStore(join(directory, 'store'), endLater);
  const memory = watchMemory(sampleMs);
  const results = await runActivities(mixedActivities(store), seconds);
  memory.stop();
  const settling = await store.settled();

  const errors = results.flatMap((each) => each.errors);
  for (const error of errors.slice(0, 10)) console.error(error);
  const of = (times: readonly number[], share: number) => round(percentile(times, share));
  console.table(
    [...results, ...(limit ? [{ ...limit, name: `${limit.name}, bare` }] : [])].map(
      ({ name, times, errors: own }) => ({
        'what is done': name,
        times: times.length,
        errors: own.length,
        'p50 ms': of(times, 0.5),
        'p99 ms': of(times, 0.99),
      }),
    ),
  );
  const processes = [...memory.samples].map(([name, samples]) => ({
    process: name,
    'MB at first': round(samples[0]?.megabytes ?? NaN),
    'MB at last': round(samples.at(-1)?.megabytes ?? NaN),
    'MB at most': round(Math.max(...samples.map(({ megabytes }) => megabytes))),
    'MB an hour': round(slopeOf(samples, warmingShare)),
  }));
  const figures = Object.fromEntries([
    ['minutes', minutes],
    ['errors', errors.length],
    ['settledMs', round(settling)],
    ...results.flatMap(({ name, times }) => [
      [`${name}.p50`, of(times, 0.5)],
      [`${name}.p99`, of(times, 0.99)],
    ]),
    ...processes.flatMap((each) => [
      [`${each.process}.megabytes`, each['MB at last']],
      [`${each.process}.megabytesPerHour`, each['MB an hour']],
    ]),
  ]) as Record<string, number>;
  const ofBare = round(percentile(limit?.times ?? [], 0.5) / percentile(results[0]?.times ?? [], 0.5));
  printReport(processes, { bench: 'xapi-soak', figures, ratios: { ofBare } });
});
