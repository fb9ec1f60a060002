import { connect, type Socket } from 'node:net';
import { statementBody, type StatementBody } from './statements.ts';

export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Statements of one request. */
  readonly batch: number;
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds from sending to the whole answer. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * POSTs statements over keep-alive connections, each sending as soon as it has its answer. Plain sockets and bodies
 * made beforehand: the generator shares the machine with what it measures, and must cost little.
 *
 * @throws Error with the answer, for one that is not 200
 */
export async function load({ url, headers, batch, connections, seconds }: Load): Promise<LoadResult> {
  const { hostname, port, host } = new URL(url);
  const times: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  const each = Array.from({ length: connections }, () => {
    const body = statementBody(batch);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    return drive(socket, requestOf(host, headers, body), body, end, times);
  });
  await Promise.all(each);
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? NaN;
  return {
    requests: times.length,
    seconds: (performance.now() - started) / 1000,
    p50: at(0.5),
    p99: at(0.99),
  };
}

export function requestOf(
  host: string,
  headers: Readonly<Record<string, string>>,
  body: StatementBody,
): Buffer {
  const lines = Object.entries({ host, ...headers, 'content-type': 'application/json' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(
    `POST /xapi/statements HTTP/1.1\r\n${lines.join('')}content-length: ${String(body.bytes.length)}\r\n\r\n`,
  );
}

function drive(
  socket: Socket,
  head: Buffer,
  body: StatementBody,
  end: number,
  times: number[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answer = '';
    const send = () => {
      body.renewIds();
      sent = performance.now();
      socket.write(Buffer.concat([head, body.bytes]));
    };
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk;
      if (!isWhole(answer)) return;
      if (!answer.startsWith('HTTP/1.1 200')) {
        socket.destroy(new Error(answer));
        return;
      }
      answer = '';
      times.push(performance.now() - sent);
      if (performance.now() < end) send();
      else socket.end();
    });
    socket.once('connect', send);
    socket.once('error', reject);
    socket.once('close', () => {
      resolve();
    });
  });
}

const lengthHeader = /content-length: (\d+)/i;

export function isWhole(answer: string): boolean {
  const bodyAt = answer.indexOf('\r\n\r\n') + 4;
  if (bodyAt < 4) return false;
  const [, length = '0'] = lengthHeader.exec(answer.slice(0, bodyAt)) ?? [];
  return answer.length >= bodyAt + Number(length);
}
