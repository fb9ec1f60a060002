import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { endingAll, type EndLater } from './ending/ending.ts';
import type { Heard } from './fan-out/subscribers.ts';
import { startChild, type Child } from './gateway/children.ts';
import { ownMemory } from './identity/process-use.ts';
import { printReport, round } from './report/report.ts';

// `npm run bench -- fan-out [subscribers] [seconds] [topics]`: so many graphql-ws subscribers over some topics, one event a
// second a topic, at one process of our gateway: from the event to its last subscriber, and what a connection takes of
// memory. Beside graphql-ws's own server, which sends the same to as many.

const [subscribers = 10_000, seconds = 20, topics = 20] = process.argv.slice(2).map(Number);
const processes = 2;

/** @throws Error where the gateway could not open a socket to each subscriber, and one more for it to the subgraph */
function assertFiles(): void {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const most = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  const wanted = 2 * subscribers + 1_000;
  if (wanted > most)
    throw new Error(`It takes ${wanted} open files, of ${most} that are allowed: raise ulimit -n`);
}

interface Report {
  readonly heard: [string, Heard][];
  readonly faults: number;
}

async function startSubscribers(url: string): Promise<Child<unknown>[]> {
  const share = Math.ceil(subscribers / processes);
  return Promise.all(
    Array.from({ length: processes }, (_, index) => {
      const from = index * share;
      const count = Math.min(share, subscribers - from);
      return startChild('../fan-out/subscribers.ts', JSON.stringify({ url, from, count, topics }));
    }),
  );
}

/** Each event that all of its subscribers have heard, and when the last did. @throws Error where one is not there whole */
function lastOf(reports: readonly Report[]): number[] {
  const faults = reports.reduce((sum, report) => sum + report.faults, 0);
  if (faults > 0) throw new Error(`${faults} connections were closed, or told of a fault`);
  const all = new Map<string, Heard>();
  for (const [key, { times, last }] of reports.flatMap(({ heard }) => heard)) {
    const known = all.get(key) ?? { times: 0, last: 0 };
    all.set(key, { times: known.times + times, last: Math.max(known.last, last) });
  }
  // The first and the last of a topic may lie across the borders of the measurement.
  const whole = [...all.values()].filter(({ times }) => times === subscribers / topics);
  if (whole.length < all.size - 2 * topics)
    throw new Error(`Of ${all.size} events ${whole.length} were heard by all`);
  return whole.map(({ last }) => last).sort((a, b) => a - b);
}

async function measure(server: Child<{ url: string }>, endLater: EndLater) {
  const cpu = async () => (await server.ask<{ cpuMs: number }>()).cpuMs;
  await delay(1_000);
  const empty = ownMemory(server.pid);
  const clients = await startSubscribers(server.ready.url);
  for (const client of clients)
    endLater(() => {
      client.stop();
    });
  await delay(5_000);
  for (const client of clients) await client.ask();
  const before = await cpu();
  await delay(seconds * 1_000);
  const used = (await cpu()) - before;
  const memory = ownMemory(server.pid) - empty;
  const last = lastOf(await Promise.all(clients.map((client) => client.ask<Report>())));
  for (const client of clients) client.stop();
  const at = (share: number) => round(last[Math.floor(last.length * share)] ?? NaN);
  return {
    events: last.length,
    p50: at(0.5),
    p99: at(0.99),
    cpuMicros: round((used * 1_000) / (seconds * subscribers)),
    kilobytes: round((memory * 1_024) / subscribers),
  };
}

if (process.platform === 'linux') assertFiles();

await endingAll(async (endLater) => {
  const server = async () => {
    const child = await startChild<{ url: string }>('../fan-out/server.ts', JSON.stringify({ topics }));
    endLater(() => {
      child.stop();
    });
    return child;
  };
  const subgraph = await server();
  const gateway = await startChild<{ url: string }>(
    '../fan-out/lyceum-gateway.ts',
    JSON.stringify({ url: subgraph.ready.url }),
  );
  endLater(() => {
    gateway.stop();
  });
  const ours = await measure(gateway, endLater);
  gateway.stop();
  subgraph.stop();
  const peer = await server();
  const bare = await measure(peer, endLater);
  const figures = Object.fromEntries(
    Object.entries({ lyceum: ours, bare }).flatMap(([name, own]) =>
      Object.entries(own).map(([key, value]) => [`${name}.${key}`, value]),
    ),
  );
  printReport(
    [
      { server: 'lyceum', ...ours },
      { server: 'graphql-ws', ...bare },
    ],
    {
      bench: 'fan-out',
      figures,
      ratios: { ofBare: round(bare.cpuMicros / ours.cpuMicros) },
    },
  );
});
