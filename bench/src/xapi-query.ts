import { endingAll } from './ending/ending.ts';
import { printReport, round } from './report/report.ts';
import { ask } from './xapi/click-house.ts';
import { generate } from './xapi/generate.ts';
import { bareTimes, pagesOf, queriesOf, type PageTimes } from './xapi/pages.ts';
import { runningStore } from './xapi/running-store.ts';

// `npm run bench -- xapi-query [rows] [values]`: pages of 100 by each kind of filter over so many statements, the first page
// of many values, and the hundredth where there is one. Beside it, ClickHouse's own newest hundred texts of the organisation,
// which is the least that a page can cost.

const [rows = 1_000_000, values = 40] = process.argv.slice(2).map(Number);

await endingAll(async (endLater) => {
  const store = await runningStore(endLater);
  const { clickHouseUrl } = store;
  await ask(clickHouseUrl, 'DROP VIEW IF EXISTS activity_minutes_of_statements');
  const began = performance.now();
  await generate(clickHouseUrl, rows);
  console.error(`${String(rows)} statements in ${String(round((performance.now() - began) / 1000))} s`);
  const [bytes = NaN, parts = NaN] = (
    await ask(
      clickHouseUrl,
      `SELECT sum(bytes_on_disk) / sum(rows), count() FROM system.parts WHERE active AND table = 'statements'`,
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
    for (const name of Object.keys(times) as (keyof PageTimes)[])
      figures[`${query.name}.${name}`] = times[name];
  }
  const bare = await bareTimes(clickHouseUrl, values);
  table.push({ filter: 'bare: newest 100 texts', ...bare });
  for (const [name, time] of Object.entries(bare)) figures[`bare.${name}`] = time;
  const slowest = Math.max(...queries.map(({ name }) => figures[`${name}.first.p95`] ?? NaN));
  printReport(table, {
    bench: 'xapi-query',
    figures,
    ratios: { ofBare: round(slowest / bare['first.p95']) },
  });
});
