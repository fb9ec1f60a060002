import { endingAll } from './ending/ending.ts';
import { printReport, round } from './report/report.ts';
import { ask } from './xapi/click-house.ts';
import { generate } from './xapi/generate.ts';
import { bareTimes, pagesOf, queriesOf } from './xapi/pages.ts';
import { runningStore } from './xapi/running-store.ts';
import { startStore } from './xapi/store.ts';

// `npm run bench -- xapi-query [rows] [values] [directory]`: pages of 100 by each kind of filter over so many statements, the first page
// of many values, and the hundredth where there is one. Beside it, ClickHouse's own newest hundred texts of the organisation,
// which is the least that a page can cost. A directory is kept, and what was generated in it is not generated again.

const [rows = 1_000_000, values = 40] = process.argv.slice(2, 4).map(Number);
const directory = process.argv[4];

const rollUps = ['activity_minutes', 'verb_minutes', 'activity_hours', 'actor_hours'];

await endingAll(async (endLater) => {
  const store =
    directory === undefined ? await runningStore(endLater) : await startStore(directory, endLater);
  const { clickHouseUrl } = store;
  for (const rollUp of rollUps) await ask(clickHouseUrl, `DROP VIEW IF EXISTS ${rollUp}_of_statements`);
  const began = performance.now();
  const there = Number(await ask(clickHouseUrl, 'SELECT count() FROM statements'));
  if (there < rows) await generate(clickHouseUrl, { rows, from: there });
  console.error(`${String(rows)} statements in ${String(round((performance.now() - began) / 1000))} s`);
  const [bytes = NaN, parts = NaN] = (
    await ask(
      clickHouseUrl,
      `SELECT sum(bytes_on_disk) / sumIf(rows, table = 'statements'), count() FROM system.parts
        WHERE active AND table IN ('statements', 'statement_keys')`,
    )
  )
    .split('\t')
    .map(Number);
  const table: object[] = [];
  const figures: Record<string, number> = { rows, 'disk.bytesAStatement': round(bytes), parts };
  const queries = await queriesOf(clickHouseUrl, values);
  for (const query of queries) {
    const times = await pagesOf(store, query.filters);
    table.push({ filter: query.name, ...times });
    for (const [name, time] of Object.entries(times)) figures[`${query.name}.${name}`] = time;
  }
  const bare = await bareTimes(clickHouseUrl, values);
  table.push({ filter: 'bare: newest 100 texts', ...bare });
  for (const [name, time] of Object.entries(bare)) figures[`bare.${name}`] = time;
  const slowest = Math.max(...queries.map(({ name }) => figures[`${name}.first.p95`] ?? NaN));
  printReport(table, {
    bench: 'xapi-query',
    figures,
    ratios: { ofBare: round(slowest / (bare['first.p95'] ?? NaN)) },
  });
});
