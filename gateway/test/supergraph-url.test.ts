import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createLogger } from '@lyceum/service';
import { loadSupergraph } from '../src/federation/loaded-supergraph.ts';
import { openSupergraphUrl, type PollOutcome, type SupergraphUrl } from '../src/federation/supergraph-url.ts';
import { eventually } from './kit/eventually.ts';
import { composed } from './kit/gateway.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const logger = createLogger({ service: 'gateway', level: 'silent' });

/** A graph with one field of that name. */
const graph = (field: string) =>
  composed([{ name: 'one', url: 'http://127.0.0.1:1/graphql', sdl: `type Query { ${field}: Int }` }]);

const [first, second] = [graph('first'), graph('second')];

let registry: Server;
let url: string;
let answer: Answer;
let asked: IncomingMessage['headers'][];
let folder: string;
let copy: string;
let stops: (() => void)[];

beforeEach(async () => {
  asked = [];
  stops = [];
  registry = createServer((request, response) => {
    asked.push(request.headers);
    answer(request, response);
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/supergraph`;
  folder = await mkdtemp(join(tmpdir(), 'lyceum-supergraph-'));
  copy = join(folder, 'kept', 'supergraph.graphql');
  answer = served(first);
});

afterEach(async () => {
  for (const stop of stops) stop();
  registry.closeAllConnections();
  await new Promise((resolve) => registry.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

/** As a registry does it: by an entity tag, and 304 to whoever has it. */
function served(text: string): Answer {
  const etag = `"${text.length}-${text.includes('second') ? '2' : '1'}"`;
  return (request, response) => {
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { etag }).end(text);
  };
}

const open = (more: object = {}) =>
  openSupergraphUrl({
    ...{ url, copy, logger, intervalMs: 10, timeoutMs: 5_000 },
    async begin(supergraphSdl) {
      await loadSupergraph({ supergraphSdl, logger });
      return supergraphSdl;
    },
    ...more,
  });

/** Follows, and notes what came of it. */
function follow(supergraph: SupergraphUrl<string>) {
  const offered: string[] = [];
  const outcomes: PollOutcome[] = [];
  const replace = async (sdl: string) => {
    offered.push(sdl);
    return sdl.includes('@join__graph') ? ('replaced' as const) : ('refused' as const);
  };
  stops.push(supergraph.follow({ replace }, (outcome) => outcomes.push(outcome)));
  const until = (outcome: PollOutcome) => {
    const from = outcomes.length;
    return eventually(`an outcome that is ${outcome}`, () => outcomes.slice(from).includes(outcome));
  };
  return { offered, outcomes, until };
}

test('it begins with what the URL answers, and keeps a copy', async () => {
  expect((await open()).begun).toBe(first);
  expect(await readFile(copy, 'utf8')).toBe(first);
});

test('a token is sent, where there is one', async () => {
  await open({ token: 'secret' });
  await open();
  expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer secret', undefined]);
});

test('what has not changed is asked for by its tag, and not loaded again', async () => {
  const { offered, until } = follow(await open());
  await until('unchanged');
  expect(asked.at(-1)).toMatchObject({ 'if-none-match': expect.stringMatching(/^".+-1"$/) });
  answer = (_request, response) => response.end(first);
  await until('unchanged');
  expect(offered).toEqual([]);
});

test('another one is served and kept', async () => {
  const { offered, until } = follow(await open());
  answer = served(second);
  await until('replaced');
  await until('unchanged');
  expect(offered).toEqual([second]);
  expect(await readFile(copy, 'utf8')).toBe(second);
});

test('one that is refused leaves the current one, is not tried again, and the copy stays', async () => {
  const { offered, until } = follow(await open());
  answer = served('type Query { nothing: Int }');
  await until('refused');
  await until('unchanged');
  await until('unchanged');
  expect(offered).toHaveLength(1);
  expect(await readFile(copy, 'utf8')).toBe(first);
  answer = served(second);
  await until('replaced');
});

const cannotBeHad: [string, () => Answer][] = [
  ['answers with a fault', () => (_request, response) => response.writeHead(500).end('no')],
  ['hangs', () => () => undefined],
  ['begins, and hangs', () => (_request, response) => response.write('schema')],
  ['breaks off', () => (_request, response) => void response.write('schema', () => response.destroy())],
  ['is too large', () => (_request, response) => response.end('#'.repeat(50_000))],
  ['is no text', () => (_request, response) => response.end(Buffer.from([0xff, 0xfe, 0xff]))],
];

test.each(cannotBeHad)(
  'while the URL %s the current one goes on, until it answers again',
  async (_name, made) => {
    const { offered, until } = follow(await open({ timeoutMs: 300, mostBytes: 20_000 }));
    answer = made();
    await until('failed');
    expect(offered).toEqual([]);
    answer = served(second);
    await until('replaced');
    expect(offered).toEqual([second]);
  },
);

test.each([...cannotBeHad, ['has none', () => served('type Query { nothing: Int }')] as const])(
  'where the URL %s at the start, the last one is served',
  async (_name, made) => {
    await open();
    answer = made();
    const supergraph = await open({ timeoutMs: 300, mostBytes: 20_000 });
    expect(supergraph.begun).toBe(first);
    const { until } = follow(supergraph);
    answer = served(second);
    await until('replaced');
  },
);

test('with neither it does not start, and says why of both', async () => {
  answer = (_request, response) => response.writeHead(403).end();
  await expect(open()).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(/it answers 403.*Nor can the last one.*ENOENT/),
  });
  await open({ copy: join(folder, 'other.graphql') }).catch(() => undefined);
  await writeFile(join(folder, 'faulty.graphql'), 'type Query { nothing: Int }');
  await expect(open({ copy: join(folder, 'faulty.graphql') })).rejects.toThrow('Nor can the last one');
});

test('a copy that cannot be kept keeps nobody from being served', async () => {
  await writeFile(join(folder, 'file'), '');
  expect((await open({ copy: join(folder, 'file', 'supergraph.graphql') })).begun).toBe(first);
});
