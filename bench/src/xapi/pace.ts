import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isWhole, requestOf } from './load.ts';
import { statementBody, type StatementBody } from './statements.ts';

export interface Pace {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly batch: number;
  readonly connections: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** What was accepted so far, while it goes on. */
export interface PacedLoad {
  accepted(): number;
  /** Resolves once the last answer is there. @throws Error with an answer that is not 200 */
  readonly ended: Promise<void>;
}

/**
 * POSTs so many statements a second, and no more, over keep-alive connections. A connection that is late sends at once: what
 * the server can't take in time is taken later, and counted when it is.
 */
export function pace(o: Pace): PacedLoad {
  let accepted = 0;
  let next = 0;
  const batches = Math.round((o.perSecond * o.seconds) / o.batch);
  const began = performance.now();
  const due = (index: number) => began + (index * o.batch * 1_000) / o.perSecond;

  async function drive(): Promise<void> {
    const { hostname, port, host } = new URL(o.url);
    const body = statementBody(o.batch);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const head = requestOf(host, o.headers, body);
    while (next < batches && performance.now() < began + o.seconds * 1_000) {
      const wait = due(next++) - performance.now();
      if (wait > 1) await delay(wait);
      await post(socket, head, body);
      accepted += o.batch;
    }
    socket.destroy();
  }

  const ended = Promise.all(Array.from({ length: o.connections }, drive)).then(() => undefined);
  return { accepted: () => accepted, ended };
}

function post(socket: Socket, head: Buffer, body: StatementBody): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const take = (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (!isWhole(answer)) return;
      socket.off('data', take).off('error', reject);
      if (answer.startsWith('HTTP/1.1 200')) resolve();
      else reject(new Error(answer));
    };
    socket.on('data', take).once('error', reject);
    body.renewIds();
    socket.write(Buffer.concat([head, body.bytes]));
  });
}
