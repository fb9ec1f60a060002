import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { answerCpu, readArgument } from './child.ts';
import type { Size, Urls } from './graph.ts';
import type { Waves } from './recording.ts';

// A process of its own: a server that does the fetches that our gateway does, parses each answer and stringifies one
// answer, and nothing else. It knows what to fetch and what to answer beforehand.

const { urls, known } = readArgument() as {
  urls: Urls;
  known: Record<Size, { body: string; waves: Waves; answer: string }>;
};
const pools = Object.fromEntries(
  Object.entries(urls).map(([name, url]) => [name, new Pool(new URL(url).origin, { connections: 128 })]),
);
const byQuery = new Map(
  Object.values(known).map(({ body, waves, answer }) => [
    queryOf(body),
    { waves, answer: JSON.parse(answer) as unknown },
  ]),
);

function queryOf(body: string): string {
  return (JSON.parse(body) as { query: string }).query;
}

async function fetchOne(name: string, body: string, authorization: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json', authorization };
  const answer = await pools[name]?.request({ method: 'POST', path: '/graphql', headers, body });
  return JSON.parse((await answer?.body.text()) ?? '');
}

async function answer(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
  const { waves = [], answer: data } = byQuery.get(queryOf(body)) ?? {};
  const { authorization = '' } = request.headers;
  for (const wave of waves)
    await Promise.all(wave.map((fetch) => fetchOne(fetch.name, fetch.body, authorization)));
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(data));
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => void answer(request, response, Buffer.concat(chunks).toString()));
});
// None is closed in the instant in which a request comes over it.
server.keepAliveTimeout = 600_000;
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
answerCpu(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
