import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { endingAll } from './ending/ending.ts';
import { cpuTime, ownMemory, peakMemory } from './identity/process-use.ts';
import { printReport, round } from './report/report.ts';
import { ask } from './xapi/click-house.ts';
import { generate } from './xapi/generate.ts';
import { pace } from './xapi/pace.ts';
import { dropBefore } from './xapi/retention-job.ts';
import { runningStore } from './xapi/running-store.ts';

// `npm run bench -- xapi-retention [rows] [share] [perSecond]`: of so many statements over 90 days, the oldest share is
// dropped while others come in at a steady rate, with a probe once a second: from its POST until a filter finds it. Beside a
// table with the same rows and nothing else, from which ClickHouse deletes as many by itself.

const [rows = 3_000_000, share = 1 / 3, perSecond = 1_000] = process.argv.slice(2).map(Number);

const daysMs = 90 * 24 * 60 * 60_000;
const probeEveryMs = 1_000;
const idleSeconds = 15;

function at(times: readonly number[], part: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

await endingAll(async (endLater) => {
  const store = await runningStore(endLater);
  const { url, headers, clickHouseUrl, pids, directory } = store;
  const end = new Date(Date.now() - 2 * 24 * 60 * 60_000);
  const apartMicros = Math.floor((daysMs * 1_000) / rows);
  await generate(clickHouseUrl, { rows, end, apartMicros, rowsAtOnce: 200_000 });
  const before = new Date(end.getTime() - daysMs * (1 - share));
  while ((await ask(clickHouseUrl, 'SELECT count() FROM system.merges')) !== '0') await delay(500);

  async function probe(): Promise<number> {
    const registration = randomUUID();
    const began = performance.now();
    const body = JSON.stringify({
      actor: { account: { homePage: 'http://localhost:4000', name: 'user_probe' } },
      verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
      object: { id: 'http://localhost:4000/xapi/activities/item_probe' },
      context: { registration },
    });
    const sent = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
    const answer = await fetch(`${url}/xapi/statements`, sent);
    if (answer.status !== 200) throw new Error(await answer.text());
    for (;;) {
      const since = new Date(Date.now() - 60_000).toISOString();
      const page = await fetch(`${url}/xapi/statements?limit=1&registration=${registration}&since=${since}`, {
        headers,
      });
      if (((await page.json()) as { statements: unknown[] }).statements.length > 0)
        return performance.now() - began;
      await delay(50);
    }
  }

  async function probing(until: Promise<unknown>): Promise<number[]> {
    const found: Promise<number>[] = [];
    const ended = new AbortController();
    void until.finally(() => {
      ended.abort();
    });
    while (!ended.signal.aborted) {
      found.push(probe());
      await delay(probeEveryMs);
    }
    return Promise.all(found);
  }

  const ending = new AbortController();
  const pacing = (async () => {
    while (!ending.signal.aborted)
      await pace({ url, headers, batch: 100, connections: 4, perSecond, seconds: 5 }).ended;
  })();
  await delay(3_000);
  const idle = await probing(delay(idleSeconds * 1_000));
  const names = ['ingest', 'clickhouse'] as const;
  const cpu = names.map((name) => cpuTime(pids[name]));
  const memory = names.map((name) => ownMemory(pids[name]));
  const began = performance.now();
  let dropped = 0;
  const dropping = dropBefore(directory, 'org_bench', before).then((count) => (dropped = count));
  const [during, ...peaks] = await Promise.all([
    probing(dropping),
    ...names.map((name) => peakMemory(pids[name], () => dropping)),
  ]);
  const seconds = (performance.now() - began) / 1_000;
  const used = names.map((name, index) => (cpuTime(pids[name]) - (cpu[index] ?? NaN)) / 1_000);
  ending.abort();
  await pacing;
  await store.settled();

  await ask(clickHouseUrl, 'CREATE TABLE bare AS statements');
  await ask(clickHouseUrl, 'INSERT INTO bare SELECT * FROM statements');
  const bareBegan = performance.now();
  const oldest = `SELECT stored FROM bare ORDER BY organisation, stored LIMIT 1 OFFSET ${String(dropped)}`;
  const edge = await ask(clickHouseUrl, oldest);
  await ask(
    clickHouseUrl,
    `ALTER TABLE bare DELETE WHERE organisation = 'org_bench' AND stored < toDateTime64('${edge}', 6, 'UTC') SETTINGS mutations_sync = 2`,
  );
  const bareSeconds = (performance.now() - bareBegan) / 1_000;

  const figures = {
    ...{ rows, dropped, seconds: round(seconds), perSecond: round(dropped / seconds) },
    'bare.seconds': round(bareSeconds),
    'ingest.cpuSeconds': round(used[0] ?? NaN),
    'clickhouse.cpuSeconds': round(used[1] ?? NaN),
    'ingest.moreMB': round((peaks[0] ?? NaN) - (memory[0] ?? NaN)),
    'clickhouse.moreMB': round((peaks[1] ?? NaN) - (memory[1] ?? NaN)),
    'found.idle.p50': round(at(idle, 0.5)),
    'found.idle.p95': round(at(idle, 0.95)),
    'found.during.p50': round(at(during, 0.5)),
    'found.during.p95': round(at(during, 0.95)),
    'found.during.max': round(at(during, 1)),
  };
  printReport([figures], {
    bench: 'xapi-retention',
    figures,
    ratios: { ofBare: round(seconds / bareSeconds) },
  });
});
