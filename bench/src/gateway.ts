import { endingAll, type EndLater } from './ending/ending.ts';
import { startChild, type Child } from './gateway/children.ts';
import { bodies, type Size, type Urls } from './gateway/graph.ts';
import { load } from './gateway/load.ts';
import type { Waves } from './gateway/recording.ts';
import { median, printReport, round } from './report/report.ts';

// `npm run bench -- gateway [seconds] [runs]`: CPU of the gateway's own process a request, ours beside Apollo Server over
// the stock gateway, and beside a bare server that does the same fetches.

const [seconds = 3, runs = 3] = process.argv.slice(2).map(Number);
const connections = 50;
/** No token comes twice in a whole run, or requests of different measures could share. */
let tokens = 0;
const ownToken = () => `token-${(tokens += 1)}`;

/** What is asked, and whether requests may share work: the same token for all, or each its own. */
const rows: Readonly<Record<string, { size: Size; token: () => string; alike: string }>> = {
  shared: { size: 'large', token: () => 'token', alike: 'all alike' },
  unshared: { size: 'large', token: ownToken, alike: 'each its own token' },
  small: { size: 'small', token: ownToken, alike: 'each its own token' },
};
const names = ['lyceum', 'stock', 'bare'] as const;
type Name = (typeof names)[number];
type Server = Child<{ url: string }>;

const figures: Record<string, number> = {};

await endingAll(async (endLater) => {
  const servers = await startAll(endLater);
  for (const row of Object.keys(rows)) await measureRow(row, servers);
});

const ratio = (row: string, peer: Name) =>
  round((figures[`${peer}.${row}.cpuMs`] ?? NaN) / (figures[`lyceum.${row}.cpuMs`] ?? NaN));
const ratios = Object.fromEntries(
  Object.keys(rows).flatMap((row) => [
    [`overStock.${row}`, ratio(row, 'stock')],
    [`ofBare.${row}`, ratio(row, 'bare')],
  ]),
);
console.log(`${connections} connections, median of ${runs} runs of ${seconds} s`);
printReport(tableRows(), { bench: 'gateway', figures, ratios });

async function startAll(endLater: EndLater): Promise<Record<Name, Server>> {
  const start = async <T>(file: string, argument?: object) => {
    const child = await startChild<T>(file, ...(argument ? [JSON.stringify(argument)] : []));
    endLater(() => {
      child.stop();
    });
    return child;
  };
  const subgraphs = await start<{ urls: Urls }>('subgraphs.ts');
  const { urls } = subgraphs.ready;
  const lyceum = await start<{ url: string }>('lyceum-gateway.ts', urls);
  const stock = await start<{ url: string }>('stock-gateway.ts', urls);
  const known: Record<string, object> = {};
  for (const [size, body] of Object.entries(bodies)) {
    const expected = await post(stock.ready.url, body);
    await subgraphs.ask<Waves>();
    const answer = await post(lyceum.ready.url, body);
    if (answer !== expected) throw new Error(`The two gateways answer ${size} differently`);
    known[size] = { body, answer, waves: await subgraphs.ask<Waves>() };
    figures[`${size}.answerBytes`] = answer.length;
  }
  return { lyceum, stock, bare: await start('bare-server.ts', { urls, known }) };
}

async function post(url: string, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${ownToken()}` };
  return (await fetch(url, { method: 'POST', headers, body })).text();
}

/** In turns, so that a slower minute of the machine falls on all. */
async function measureRow(row: string, servers: Record<Name, Server>): Promise<void> {
  const taken = { lyceum: [] as Measure[], stock: [] as Measure[], bare: [] as Measure[] };
  for (const name of names) await measure(servers[name], row, 1.5);
  for (let run = 0; run < runs; run += 1)
    for (const name of names) taken[name].push(await measure(servers[name], row, seconds));
  for (const name of names)
    for (const key of ['cpuMs', 'perSecond', 'p50', 'p99'] as const)
      figures[`${name}.${row}.${key}`] = round(median(taken[name].map((one) => one[key])));
}

interface Measure {
  readonly cpuMs: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

async function measure(server: Server, row: string, forSeconds: number): Promise<Measure> {
  const { size = 'small', token = ownToken } = rows[row] ?? {};
  const cpu = async () => (await server.ask<{ cpuMs: number }>()).cpuMs;
  const before = await cpu();
  const { url } = server.ready;
  const result = await load({ url, body: bodies[size], connections, seconds: forSeconds, token });
  const cpuMs = ((await cpu()) - before) / result.requests;
  return { cpuMs, perSecond: result.requests / result.seconds, p50: result.p50, p99: result.p99 };
}

function tableRows(): object[] {
  return Object.entries(rows).flatMap(([row, { size, alike }]) =>
    names.map((name) => ({
      requests: `${size}, ${alike}`,
      server: name,
      'CPU ms a request': figures[`${name}.${row}.cpuMs`],
      'requests a second': figures[`${name}.${row}.perSecond`],
      'p50 ms': figures[`${name}.${row}.p50`],
      'p99 ms': figures[`${name}.${row}.p99`],
      'over stock': name === 'lyceum' ? ratios[`overStock.${row}`] : '',
      'of bare': name === 'lyceum' ? ratios[`ofBare.${row}`] : '',
    })),
  );
}
