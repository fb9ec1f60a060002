import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { endingAll } from './ending/ending.ts';
import { paced } from './live/paced.ts';
import { printReport, round } from './report/report.ts';
import { ask } from './xapi/click-house.ts';
import { load } from './xapi/load.ts';
import { pace } from './xapi/pace.ts';
import { runningStore } from './xapi/running-store.ts';

// `npm run bench -- xapi-lag [perSecond] [seconds]`: at so many statements a second in batches of 100, five times a second
// one statement by itself, from its POST until a filter finds it. Beside an insert and a select of ClickHouse alone.

const [perSecond = 10_000, seconds = 60] = process.argv.slice(2).map(Number);

const probesPerSecond = 5;
const pauseMs = 20;

function statementOf(registration: string) {
  return {
    actor: { account: { homePage: 'http://localhost:4000', name: 'user_probe' } },
    verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
    object: { id: 'http://localhost:4000/xapi/activities/item_probe' },
    context: { registration },
  };
}

/** The milliseconds below which a share of the times lies. */
function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

await endingAll(async (endLater) => {
  const store = await runningStore(endLater);
  const { url, headers, clickHouseUrl } = store;
  await load({ url, headers, batch: 100, connections: 16, seconds: 2 });
  await store.settled();

  const found: number[] = [];
  const posted: number[] = [];
  async function probe(): Promise<void> {
    const registration = randomUUID();
    const began = performance.now();
    const answer = await fetch(`${url}/xapi/statements`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(statementOf(registration)),
    });
    if (answer.status !== 200) throw new Error(await answer.text());
    posted.push(performance.now() - began);
    for (;;) {
      const page = await fetch(`${url}/xapi/statements?limit=1&registration=${registration}`, { headers });
      const { statements } = (await page.json()) as { statements: unknown[] };
      if (statements.length > 0) break;
      await delay(pauseMs);
    }
    found.push(performance.now() - began);
  }

  const pacing = pace({ url, headers, batch: 100, connections: 8, perSecond, seconds });
  await delay(2_000);
  await paced({ perSecond: probesPerSecond, count: (seconds - 4) * probesPerSecond }, probe);
  await pacing.ended;
  const took = pacing.accepted() / seconds;
  await store.settled();

  await ask(clickHouseUrl, 'CREATE TABLE bare (id UUID, text String) ENGINE = MergeTree ORDER BY id');
  const bare: number[] = [];
  for (let index = 0; index < 100; index += 1) {
    const id = randomUUID();
    const began = performance.now();
    await ask(
      clickHouseUrl,
      'INSERT INTO bare FORMAT TabSeparated',
      `${id}\t${JSON.stringify(statementOf(id))}\n`,
    );
    if ((await ask(clickHouseUrl, `SELECT text FROM bare WHERE id = '${id}'`)) === '')
      throw new Error('what was inserted is not there');
    bare.push(performance.now() - began);
  }
  await ask(clickHouseUrl, 'DROP TABLE bare');

  const figures = {
    'accepted.perSecond': round(took),
    'posted.p99': round(at(posted, 0.99)),
    'found.p50': round(at(found, 0.5)),
    'found.p95': round(at(found, 0.95)),
    'found.p99': round(at(found, 0.99)),
    'bare.p50': round(at(bare, 0.5)),
    'bare.p99': round(at(bare, 0.99)),
  };
  const ofBare = round(at(found, 0.5) / at(bare, 0.5));
  printReport([figures], { bench: 'xapi-lag', figures, ratios: { ofBare } });
});
