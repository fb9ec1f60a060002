import { startChild, type Child } from './gateway/children.ts';
import { query, type SubgraphName } from './gateway/graph.ts';
import { load } from './gateway/load.ts';

// `npm run bench -- gateway [seconds] [runs]`: one query over three subgraphs, to our gateway and to Apollo Server with
// the stock data source. What is compared is the CPU time that the gateway's own process takes for a request.

const [seconds = 3, runs = 3] = process.argv.slice(2).map(Number);
const connections = 50;
const body = JSON.stringify({ query });

/** Whether requests may share work: the same token for all, or each its own. */
const modes = {
  unshared: (request: number) => `token-${request}`,
  shared: () => 'token',
};

interface Measure {
  readonly cpuMs: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

const subgraphs = await startChild<{ urls: Record<SubgraphName, string> }>('subgraphs.ts');
const urls = JSON.stringify(subgraphs.ready.urls);
const gateways = {
  lyceum: await startChild<{ url: string }>('lyceum-gateway.ts', urls),
  stock: await startChild<{ url: string }>('stock-gateway.ts', urls),
};

const figures: Record<string, number> = {};
for (const [mode, token] of Object.entries(modes)) {
  const measures = { lyceum: [] as Measure[], stock: [] as Measure[] };
  for (const gateway of Object.values(gateways)) await measure(gateway, token, 1.5);
  // Taken in turns, so that a slower minute of the machine falls on both.
  for (let run = 0; run < runs; run += 1) {
    measures.lyceum.push(await measure(gateways.lyceum, token, seconds));
    measures.stock.push(await measure(gateways.stock, token, seconds));
  }
  for (const [name, taken] of Object.entries(measures)) {
    for (const key of ['cpuMs', 'perSecond', 'p50', 'p99'] as const) {
      figures[`${name}.${mode}.${key}`] = round(median(taken.map((one) => one[key])));
    }
  }
}
for (const child of [subgraphs, ...Object.values(gateways)]) child.stop();

const overStock = (mode: string) =>
  round((figures[`stock.${mode}.cpuMs`] ?? NaN) / (figures[`lyceum.${mode}.cpuMs`] ?? NaN));
print();
const ratios = { overStock: overStock('unshared'), 'overStock.shared': overStock('shared') };
console.log(JSON.stringify({ bench: 'gateway', figures, ratios }));

async function measure(
  gateway: Child<{ url: string }>,
  token: (request: number) => string,
  forSeconds: number,
) {
  const before = await gateway.cpuMs();
  const result = await load({ url: gateway.ready.url, body, connections, seconds: forSeconds, token });
  const cpuMs = (await gateway.cpuMs()) - before;
  figures['answerBytes'] = result.answerBytes;
  const { requests, p50, p99 } = result;
  return { cpuMs: cpuMs / requests, perSecond: requests / result.seconds, p50, p99 };
}

function print(): void {
  const rows = Object.keys(modes).flatMap((mode) =>
    Object.keys(gateways).map((name) => {
      const figure = (key: string) => figures[`${name}.${mode}.${key}`];
      return {
        tokens: mode === 'shared' ? 'the same for all' : 'each its own',
        gateway: name,
        'CPU ms a request': figure('cpuMs'),
        'requests a second': figure('perSecond'),
        'p50 ms': figure('p50'),
        'p99 ms': figure('p99'),
        'over stock': name === 'lyceum' ? overStock(mode) : 1,
      };
    }),
  );
  console.log(
    `${connections} connections, ${figures['answerBytes'] ?? 0} bytes an answer, median of ${runs} runs of ${seconds} s`,
  );
  console.table(rows);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
