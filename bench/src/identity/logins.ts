import { setTimeout as delay } from 'node:timers/promises';
import { clientHeader, sealClient } from '@lyceum/service';
import { Pool } from 'undici';
// By path: how many passwords identity works on at once.
import { passwordsAtOnce } from '../../../subgraphs/identity/src/domain/password-threads.ts';
import { endingAll } from '../ending/ending.ts';
import { paced } from '../live/paced.ts';
import { median } from '../report/report.ts';
import { startChild } from '../xapi/children.ts';
import { fillPeople } from './fill-people.ts';
import type { Options } from './options.ts';
import type { Finding } from './part.ts';
import { cpuTime } from './process-use.ts';
import { gatewaySecret, password, runIdentity, type RunningIdentity } from './running-identity.ts';
import { percentile, timed } from './times.ts';

const accounts = 5_000;
/** Enough that identity always has a password to work on, whatever the rest of a login waits for. */
const loginsUnderWay = 4 * passwordsAtOnce;
const viewersPerSecond = 50;

interface Taken {
  readonly logins: number[];
  /** Passwords verified a second. */
  readonly bare: number[];
  readonly viewers: number[][];
  /** Milliseconds of identity's process a login. */
  readonly cpu: number[];
}

/**
 * Logins of many people, always enough of them to keep argon2 busy, while somebody else asks who they are at a steady
 * pace. Identity works on `passwordsAtOnce` passwords at a time, one on two cores: so many cores do logins saturate.
 * The bare process verifies as many at a time, and does nothing else.
 */
export function measureLogins({ seconds, runs }: Options): Promise<Finding[]> {
  return endingAll(async (endLater) => {
    const identity = await runIdentity(endLater);
    await fillPeople(identity.database, { people: accounts, prefix: 'person' });
    const bare = await startChild({ file: 'bench/src/identity/bare-argon2.ts' });
    endLater(() => bare.stop());
    const pool = new Pool(identity.url);
    endLater(() => pool.close());
    const taken: Taken = { logins: [], bare: [], viewers: [], cpu: [] };
    const bareUrl = `${bare.url}?${await argon2Query(identity, seconds)}`;
    // The first run warms up, and is not counted.
    await measureRun({ identity, pool, bareUrl, seconds }, { logins: [], bare: [], viewers: [], cpu: [] });
    for (let run = 0; run < runs; run += 1) await measureRun({ identity, pool, bareUrl, seconds }, taken);
    return findingsOf(taken);
  });
}

async function measureRun(
  of: { identity: RunningIdentity; pool: Pool; bareUrl: string; seconds: number },
  taken: Taken,
): Promise<void> {
  const { identity, pool, bareUrl, seconds } = of;
  const { perSecond } = (await (await fetch(bareUrl)).json()) as { perSecond: number };
  const cpuBefore = cpuTime(identity.pid);
  const [logins, viewers] = await Promise.all([
    loginsPerSecond(pool, seconds),
    viewerTimes(pool, identity.adminToken, seconds),
  ]);
  taken.bare.push(perSecond);
  taken.logins.push(logins);
  taken.viewers.push(viewers);
  taken.cpu.push((cpuTime(identity.pid) - cpuBefore) / (logins * seconds));
}

async function argon2Query({ database }: RunningIdentity, seconds: number): Promise<string> {
  const { rows } = await database.query<{ hash: string }>(
    'SELECT password_hash AS hash FROM membership LIMIT 1',
  );
  const asked = {
    hash: rows[0]?.hash ?? '',
    password,
    seconds: String(seconds),
    concurrency: String(passwordsAtOnce),
  };
  return new URLSearchParams(asked).toString();
}

let begun = 0;

async function loginsPerSecond(pool: Pool, seconds: number): Promise<number> {
  const began = performance.now();
  const end = began + seconds * 1_000;
  let done = 0;
  const worker = async () => {
    while (performance.now() < end) {
      await logIn(pool, (begun += 1) % accounts);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: loginsUnderWay }, worker));
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

function findingsOf(taken: Taken): Finding[] {
  const viewers = (share: number) => median(taken.viewers.map((times) => percentile(times, share)));
  return [
    {
      name: 'logins.perSecond',
      what: `logins a second, ${passwordsAtOnce} password(s) at once`,
      measured: median(taken.logins),
      bare: median(taken.bare),
      moreIsBetter: true,
      target: 'of bare >= 0.8',
    },
    {
      name: 'logins.cpu.ms',
      what: 'CPU of identity a login, with the viewers, ms',
      measured: median(taken.cpu),
      bare: (passwordsAtOnce * 1_000) / median(taken.bare),
    },
    { name: 'viewer.p50.ms', what: 'viewer meanwhile, p50 ms', measured: viewers(0.5) },
    { name: 'viewer.p99.ms', what: 'viewer meanwhile, p99 ms', measured: viewers(0.99), target: '< 50' },
  ];
}
