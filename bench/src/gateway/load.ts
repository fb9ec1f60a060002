import { Pool } from 'undici';

/** What a load did. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds from request to the answer's last byte. */
  readonly p50: number;
  readonly p99: number;
  readonly answerBytes: number;
}

/**
 * Sends `body` over as many connections as it can, one request at a time on each, for a while.
 *
 * @param options.token of a request, by its number: one for all, or each its own.
 * @throws Error at the first answer that holds an error or no data.
 */
export async function load(options: {
  url: string;
  body: string;
  connections: number;
  seconds: number;
  token: (request: number) => string;
}): Promise<LoadResult> {
  const { url, body, connections, seconds, token } = options;
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections });
  const startedAt = performance.now();
  const deadline = startedAt + seconds * 1_000;
  const times: number[] = [];
  let sent = 0;
  let answerBytes = 0;

  async function worker(): Promise<void> {
    while (performance.now() < deadline) {
      const sentAt = performance.now();
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token((sent += 1))}` };
      const answer = await pool.request({ method: 'POST', path: pathname, headers, body });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      if (!isRight(bytes)) throw new Error(`An answer was wrong: ${bytes.toString('utf8', 0, 300)}`);
      answerBytes = bytes.length;
      times.push(performance.now() - sentAt);
    }
  }

  await Promise.all(Array.from({ length: connections }, worker));
  await pool.close();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? NaN;
  const elapsed = (performance.now() - startedAt) / 1_000;
  return { requests: times.length, seconds: elapsed, p50: at(0.5), p99: at(0.99), answerBytes };
}

function isRight(bytes: Buffer): boolean {
  return bytes.subarray(0, 9).toString() === '{"data":{' && !bytes.subarray(-300).includes('"errors"');
}
