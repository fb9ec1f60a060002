import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { readArgument } from '../gateway/child.ts';
import { now, subscription, type Tick } from './ticks.ts';

// A process of its own: many subscribers, each over a connection of its own, spread over the topics.

/** One event, as all subscribers of this process heard it. */
export interface Heard {
  times: number;
  /** Milliseconds from the event to the last of them. */
  last: number;
}

const { url, from, count, topics } = readArgument() as Record<'from' | 'count' | 'topics', number> & {
  url: string;
};

const opened = 100;
let heard = new Map<string, Heard>();
let faults = 0;

function hear({ topic, sequence, at }: Tick): void {
  const key = `${topic}/${sequence}`;
  const known = heard.get(key) ?? { times: 0, last: 0 };
  heard.set(key, known);
  known.times += 1;
  known.last = Math.max(known.last, now() - at);
}

/** Resolves when it is subscribed, as far as a client can tell. */
function subscribe(topic: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', {
      perMessageDeflate: false,
    });
    socket.once('error', reject);
    socket.on('close', () => (faults += 1));
    socket.once('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: 'Bearer token' } }));
    });
    socket.on('message', (bytes: Buffer) => {
      const message = JSON.parse(bytes.toString()) as { type: string; payload?: { data?: { tick?: Tick } } };
      if (message.type === 'connection_ack') {
        const payload = { query: subscription, variables: { topic } };
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
        resolve();
      } else if (message.type === 'ping') socket.send('{"type":"pong"}');
      else if (message.payload?.data?.tick) hear(message.payload.data.tick);
      else if (message.type !== 'pong') faults += 1;
    });
  });
}

for (let index = from; index < from + count; index += opened) {
  const numbers = Array.from({ length: Math.min(opened, from + count - index) }, (_, each) => index + each);
  await Promise.all(numbers.map((number) => subscribe(number % topics)));
  await delay(20);
}
process.on('message', () => {
  process.send?.({ heard: [...heard], faults });
  heard = new Map();
});
process.on('disconnect', () => process.exit(0));
process.send?.({});
