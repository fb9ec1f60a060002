import { setTimeout as delay } from 'node:timers/promises';
import { clientHeader, sealClient } from '@lyceum/service';
import { Pool } from 'undici';
import { endingAll } from '../ending/ending.ts';
import { paced } from '../live/paced.ts';
import { median } from '../report/report.ts';
import { startChild } from '../xapi/children.ts';
import { fillPeople } from './fill-people.ts';
import type { Options } from './options.ts';
import type { Finding } from './part.ts';
import { gatewaySecret, password, runIdentity, type RunningIdentity } from './running-identity.ts';
import { percentile, timed } from './times.ts';

const accounts = 5_000;
/** Logins under way: enough that argon2 never waits for the rest of one. */
const concurrencyOfThread = 4;
const viewersPerSecond = 50;

/**
 * Logins of many people, as many at once as keep the threads of argon2 busy, while somebody else asks who they are at a
 * steady pace. argon2 works in the thread pool of libuv, so that its size is the number of cores that logins saturate:
 * identity is given `threads`, and so is the bare process that verifies passwords and does nothing else.
 */
export function measureLogins({ seconds, runs, threads }: Options): Promise<Finding[]> {
  return endingAll(async (endLater) => {
    const env = { UV_THREADPOOL_SIZE: String(threads) };
    const identity = await runIdentity(endLater, env);
    await fillPeople(identity.database, { people: accounts, prefix: 'person' });
    const bare = await startChild({ file: 'bench/src/identity/bare-argon2.ts', env });
    endLater(() => bare.stop());
    const pool = new Pool(identity.url);
    endLater(() => pool.close());
    const taken = { logins: [] as number[], bare: [] as number[], viewers: [] as number[][] };
    const concurrency = threads * concurrencyOfThread;
    for (let run = 0; run <= runs; run += 1) {
      const ask = `${bare.url}?${await argon2Query(identity, seconds, concurrency)}`;
      const { perSecond } = (await (await fetch(ask)).json()) as { perSecond: number };
      const [logins, viewers] = await Promise.all([
        loginsPerSecond(pool, { seconds, concurrency }),
        viewerTimes(pool, identity.adminToken, seconds),
      ]);
      // The first run warms up, and is not counted.
      if (run === 0) continue;
      taken.bare.push(perSecond);
      taken.logins.push(logins);
      taken.viewers.push(viewers);
    }
    return findingsOf(taken, threads);
  });
}

async function argon2Query(
  { database }: RunningIdentity,
  seconds: number,
  concurrency: number,
): Promise<string> {
  const { rows } = await database.query<{ hash: string }>(
    'SELECT password_hash AS hash FROM membership LIMIT 1',
  );
  const asked = {
    hash: rows[0]?.hash ?? '',
    password,
    seconds: String(seconds),
    concurrency: String(concurrency),
  };
  return new URLSearchParams(asked).toString();
}

let begun = 0;

async function loginsPerSecond(
  pool: Pool,
  { seconds, concurrency }: { seconds: number; concurrency: number },
): Promise<number> {
  const began = performance.now();
  const end = began + seconds * 1_000;
  let done = 0;
  const worker = async () => {
    while (performance.now() < end) {
      await logIn(pool, (begun += 1) % accounts);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (done * 1_000) / (performance.now() - began);
}

/** Each person from an address of their own, as the gateway tells it. */
async function logIn(pool: Pool, number: number): Promise<void> {
  const address = `10.0.${number >> 8}.${number & 255}`;
  const text = await post(pool, {
    headers: { [clientHeader]: sealClient({ address, userAgent: 'bench' }, gatewaySecret) },
    query: `mutation ($input: SessionCreateInput!) {
      sessionCreate(input: $input) { tokens { accessToken refreshToken expiresAt } userErrors { code message } }
    }`,
    variables: { input: { email: `person${number + 1}@bench.example`, password } },
  });
  if (!text.includes('"accessToken":"')) throw new Error(text);
}

/** @returns milliseconds, of those that came while logins were under way */
async function viewerTimes(pool: Pool, token: string, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const headers = { authorization: `Bearer ${token}` };
  const margin = 0.5;
  await delay(margin * 500);
  await paced({ perSecond: viewersPerSecond, count: viewersPerSecond * (seconds - margin) }, async () => {
    let text = '';
    times.push(
      await timed(async () => {
        text = await post(pool, { headers, query: '{ viewer { user { name } } }' });
      }),
    );
    if (!text.startsWith('{"data":{"viewer":{"user":{"name":')) throw new Error(text);
  });
  return times;
}

async function post(
  pool: Pool,
  { headers, ...body }: { headers: Record<string, string>; query: string; variables?: object },
): Promise<string> {
  const answer = await pool.request({
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return answer.body.text();
}

function findingsOf(
  taken: { logins: number[]; bare: number[]; viewers: number[][] },
  threads: number,
): Finding[] {
  const viewers = (share: number) => median(taken.viewers.map((times) => percentile(times, share)));
  return [
    {
      name: 'logins.perSecond',
      what: `logins a second, argon2 in ${threads} thread(s)`,
      measured: median(taken.logins),
      bare: median(taken.bare),
      moreIsBetter: true,
      target: 'of bare >= 0.8',
    },
    { name: 'viewer.p50.ms', what: 'viewer meanwhile, p50 ms', measured: viewers(0.5) },
    { name: 'viewer.p99.ms', what: 'viewer meanwhile, p99 ms', measured: viewers(0.99), target: '< 50' },
  ];
}
