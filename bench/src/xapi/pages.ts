import { round } from '../report/report.ts';
import { ask } from './click-house.ts';
import type { Store } from './store.ts';

/** A kind of filter, and several of it. */
export interface PagedQuery {
  readonly name: string;
  /** Parameters of GET /xapi/statements. */
  readonly filters: readonly Readonly<Record<string, string>>[];
}

/** Milliseconds, over HTTP: `first.p50` and `first.p95`, and where a filter has a hundredth page, `hundredth.p50` and on. */
export type PageTimes = Readonly<Record<string, number>>;

const limit = 100;

/** Of that many filters of each kind the pages up to the hundredth are read. */
const followed = 3;

/** Filters with values that are there: of statements chosen at random, so that frequent values come as often as they are. */
export async function queriesOf(url: string, values: number): Promise<PagedQuery[]> {
  const rows = await ask(
    url,
    `SELECT activity, related_activities[3], actor, registration, verb, toUnixTimestamp(stored) FROM statements
      WHERE cityHash64(id) % greatest(1, intDiv((SELECT count() FROM statements), ${String(values)})) = 0
      LIMIT ${String(values)} FORMAT TabSeparated`,
  );
  const picked = rows.split('\n').map((row) => row.split('\t'));
  const each = (of: (row: string[], index: number) => Record<string, string>) => picked.map(of);
  const agentOf = (key = '') => {
    const [homePage = '', name = ''] = key.replace('account:', '').split('|');
    return JSON.stringify({ account: { homePage, name } });
  };
  return [
    { name: 'actor', filters: each(([, , actor]) => ({ agent: agentOf(actor) })) },
    {
      name: 'relatedActivity',
      filters: each(([activity = '', course = ''], index) => ({
        activity: index % 2 === 0 ? activity : course,
        related_activities: 'true',
      })),
    },
    { name: 'registration', filters: each(([, , , registration = '']) => ({ registration })) },
    {
      name: 'verbAndTime',
      filters: each(([, , , , verb = '', seconds = '0']) => ({
        verb,
        until: new Date(Number(seconds) * 1_000).toISOString(),
      })),
    },
  ];
}

interface Page {
  readonly statements: readonly unknown[];
  readonly more: string;
}

/** The first page of each, and the hundredth of the first few that have one. */
export async function pagesOf(
  { url, headers }: Pick<Store, 'url' | 'headers'>,
  filters: PagedQuery['filters'],
): Promise<PageTimes> {
  const times = { first: [] as number[], hundredth: [] as number[] };
  async function read(path: string, into?: number[]): Promise<Page> {
    const began = performance.now();
    const response = await fetch(`${url}${path}`, { headers });
    const text = await response.text();
    into?.push(performance.now() - began);
    if (response.status !== 200) throw new Error(text);
    return JSON.parse(text) as Page;
  }

  const long: string[] = [];
  for (const filter of filters) {
    const query = new URLSearchParams({ ...filter, limit: String(limit) }).toString();
    const { more } = await read(`/xapi/statements?${query}`, times.first);
    if (more !== '') long.push(more);
  }
  for (const [index, start] of long.entries()) {
    if (index >= followed) break;
    let more = start;
    for (let page = 2; page < 100 && more !== ''; page += 1) ({ more } = await read(more));
    if (more !== '') for (let again = 0; again < 10; again += 1) await read(more, times.hundredth);
  }
  return {
    'first.p50': at(times.first, 0.5),
    'first.p95': at(times.first, 0.95),
    ...(times.hundredth.length > 0 && {
      'hundredth.p50': at(times.hundredth, 0.5),
      'hundredth.p95': at(times.hundredth, 0.95),
    }),
  };
}

/** What ClickHouse takes for the newest hundred texts of the organisation, asked directly. */
export async function bareTimes(url: string, times: number): Promise<PageTimes> {
  const taken: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const began = performance.now();
    await ask(
      url,
      `SELECT statement FROM statements WHERE organisation = 'org_bench' ORDER BY stored DESC LIMIT ${String(limit)}`,
    );
    taken.push(performance.now() - began);
  }
  return { 'first.p50': at(taken, 0.5), 'first.p95': at(taken, 0.95) };
}

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN);
}
