import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endingAll, type EndLater } from '../ending/ending.ts';
import { median, printReport, round } from '../report/report.ts';
import { startChild } from './children.ts';
import { load, type LoadResult } from './load.ts';
import { startStore } from './store.ts';

export interface Comparison {
  readonly bench: string;
  readonly batch: number;
  readonly connections: number;
  readonly seconds: number;
  readonly runs: number;
  /** Of the store, beside its engines. */
  readonly env?: NodeJS.ProcessEnv;
  /** What the store is measured against; the bare server unless given. */
  readonly peer?: Peer;
}

/** Starts what does the least that must be done, and answers how to load it for so many seconds. */
export type Peer = (
  o: Comparison & { directory: string },
  endLater: EndLater,
) => Promise<(seconds: number) => Promise<LoadResult>>;

const bareServer: Peer = async ({ directory, batch, connections }, endLater) => {
  const { url, ...child } = await startChild({
    file: 'bench/src/xapi/bare-server.ts',
    args: [join(directory, 'bare')],
  });
  endLater(() => child.stop());
  return (seconds) => load({ url, headers: {}, batch, connections, seconds });
};

/**
 * The store and its peer under the same load, in turns: statements a second each took, and their ratio.
 * Ingest writes into ClickHouse meanwhile; the next run starts when it is done.
 */
export async function compareWithBare(o: Comparison): Promise<void> {
  const measures = { lyceum: [] as LoadResult[], bare: [] as LoadResult[] };
  const settling: number[] = [];
  const { batch, connections, seconds } = o;
  await endingAll(async (endLater) => {
    // Not mkdtemp: started as root, PostgreSQL runs as another user, who may not enter what that makes.
    const directory = join(tmpdir(), `lyceum-bench-${randomUUID()}`);
    mkdirSync(directory);
    endLater(() => rm(directory, { recursive: true, force: true }));
    const loadBare = await (o.peer ?? bareServer)({ ...o, directory }, endLater);
    const store = await startStore(join(directory, 'store'), endLater, o.env);
    await load({ ...store, batch, connections, seconds: 2 });
    await loadBare(2);
    for (let run = 0; run < o.runs; run += 1) {
      await store.settled();
      measures.bare.push(await loadBare(seconds));
      measures.lyceum.push(await load({ ...store, batch, connections, seconds }));
      settling.push(await store.settled());
    }
  });
  report(o, measures, settling);
}

function report(
  o: Comparison,
  measures: Record<'lyceum' | 'bare', LoadResult[]>,
  settling: readonly number[],
): void {
  const of = (name: 'lyceum' | 'bare', figure: (result: LoadResult) => number) =>
    median(measures[name].map(figure));
  const perSecond = (name: 'lyceum' | 'bare') =>
    of(name, ({ requests, seconds }) => (requests * o.batch) / seconds);
  const ofBare = round(perSecond('lyceum') / perSecond('bare'));
  const taken = of('lyceum', ({ requests }) => requests * o.batch);
  const queryable = taken / (of('lyceum', ({ seconds }) => seconds) + median(settling) / 1000);
  const rows = (['lyceum', 'bare'] as const).map((name) => ({
    server: name,
    'statements a second': round(perSecond(name)),
    'p50 ms': round(of(name, ({ p50 }) => p50)),
    'p99 ms': round(of(name, ({ p99 }) => p99)),
    'of bare': name === 'lyceum' ? ofBare : 1,
    'until queryable, a second': name === 'lyceum' ? round(queryable) : null,
  }));
  const figures = {
    'lyceum.statementsPerSecond': round(perSecond('lyceum')),
    'bare.statementsPerSecond': round(perSecond('bare')),
    'lyceum.p50': round(of('lyceum', ({ p50 }) => p50)),
    'lyceum.p99': round(of('lyceum', ({ p99 }) => p99)),
    'lyceum.queryablePerSecond': round(queryable),
  };
  printReport(rows, { bench: o.bench, figures, ratios: { ofBare } });
}
