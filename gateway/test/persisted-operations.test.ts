import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger, StartError, type Logger } from '@lyceum/service';
import { readStandaloneEnv } from '../src/env.ts';
import { createAutomaticQueries } from '../src/persisted/automatic-queries.ts';
import { createKnownDocuments } from '../src/persisted/known-documents.ts';
import { parseManifest } from '../src/persisted/manifest.ts';
import { openDocuments } from '../src/persisted/open-documents.ts';
import { eventually } from './kit/eventually.ts';
import { singleStream } from './kit/event-stream.ts';
import { startGateway, type Answer, type TestGateway } from './kit/gateway.ts';
import { hashOf, named, send } from './kit/persisted.ts';
import { initialised } from './kit/raw-socket.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

let school: School;
let folder: string;
const logger = createLogger({ service: 'gateway', level: 'silent' });

beforeAll(async () => {
  school = await startSchool();
  folder = await mkdtemp(join(tmpdir(), 'lyceum-persisted-'));
});

afterAll(async () => {
  await school.stop();
  await rm(folder, { recursive: true });
});

afterEach(() => eventually('no subscription is left at the subgraph', () => school.progress.live() === 0));

async function get(gateway: TestGateway, parameters: Record<string, string>): Promise<Answer> {
  const search = new URLSearchParams(parameters).toString();
  const headers = { 'apollo-require-preflight': '1' };
  const response = await fetch(`${gateway.url}?${search}`, { headers });
  return { status: response.status, ...((await response.json()) as object) };
}

const refusedWith = (code: string) => [{ extensions: { code } }];
const watching = 'subscription Watch { progressUpdated { percent } }';

async function nextOf(message: () => Promise<{ payload?: unknown }>): Promise<unknown> {
  await eventually('it is at the subgraph', () => school.progress.live() === 1, 5_000);
  school.events.publish(progressOf('ada', 'algebra', 7));
  return (await message()).payload;
}

describe('automatic persisted queries', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway(school.all);
  });

  afterAll(() => gateway.stop());

  test('a hash that nobody has shown is not found, with 200: the client sends the text, and then the hash will do', async () => {
    const query = '{ courses { title } }';
    const extensions = named(hashOf(query));
    expect(await send(gateway, { extensions })).toEqual({
      status: 200,
      errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
    });
    const data = { courses: [{ title: 'Algebra' }, { title: 'Botany' }] };
    expect(await send(gateway, { query, extensions })).toEqual({ status: 200, data });
    expect(await send(gateway, { extensions })).toEqual({ status: 200, data });
    expect(await get(gateway, { extensions: JSON.stringify(extensions) })).toEqual({ status: 200, data });
  });

  test('with variables and an operation name, by GET, too', async () => {
    const query = 'query A { whoami } query B($id: ID!) { person(id: $id) { name } }';
    const extensions = JSON.stringify(named(hashOf(query)));
    const variables = JSON.stringify({ id: 'ada' });
    const missing = await get(gateway, { extensions });
    expect(missing).toMatchObject({ status: 200, errors: refusedWith('PERSISTED_QUERY_NOT_FOUND') });
    for (const parameters of [{ query, extensions }, { extensions }]) {
      const { data } = await get(gateway, { ...parameters, variables, operationName: 'B' });
      expect(data).toEqual({ person: { name: 'Ada' } });
    }
  });

  test('a mutation is not sent by GET by its hash either', async () => {
    const query = 'mutation { rename(id: "ben", name: "x") { id } }';
    const extensions = named(hashOf(query));
    await send(gateway, { query, extensions });
    expect((await get(gateway, { extensions: JSON.stringify(extensions) })).status).toBe(405);
  });

  test.each([
    [
      'a text that is not of the hash',
      { query: '{ whoami }', extensions: named(hashOf('{ other }')) },
      'PERSISTED_QUERY_MISMATCH',
    ],
    ['another version', { extensions: { persistedQuery: { version: 2, sha256Hash: 'a' } } }, 'BAD_REQUEST'],
    [
      'a hash that is no text',
      { extensions: { persistedQuery: { version: 1, sha256Hash: {} } } },
      'BAD_REQUEST',
    ],
    ['something else', { query: '{ whoami }', extensions: { persistedQuery: 'a' } }, 'BAD_REQUEST'],
  ])('%s is refused with 400', async (_name, body, code) => {
    expect(await send(gateway, body)).toMatchObject({ status: 400, errors: refusedWith(code) });
  });

  test("as Apollo Client's link sends them", async () => {
    const sent: object[] = [];
    const watched: typeof fetch = (url, request) => {
      sent.push(JSON.parse(request?.body as string) as object);
      return fetch(url, request);
    };
    const hashing = new PersistedQueryLink({ sha256: hashOf });
    const ask = () =>
      new ApolloClient({
        cache: new InMemoryCache(),
        link: hashing.concat(new HttpLink({ uri: gateway.url, fetch: watched })),
      }).query({
        query: gql`
          query Titles {
            courses {
              id
              title
            }
          }
        `,
      });
    expect((await ask()).data).toMatchObject({ courses: [{ title: 'Algebra' }, {}] });
    expect((await ask()).data).toMatchObject({ courses: [{ title: 'Algebra' }, {}] });
    expect(sent.map((body) => 'query' in body)).toEqual([false, true, false]);
  });

  test('a subscription over a socket', async () => {
    const raw = await initialised(gateway.url);
    const extensions = named(hashOf(watching));
    raw.send({ id: '1', type: 'subscribe', payload: { query: '', extensions } });
    expect((await raw.message('error', '1')).payload).toMatchObject(refusedWith('PERSISTED_QUERY_NOT_FOUND'));
    raw.send({ id: '2', type: 'subscribe', payload: { query: watching, extensions } });
    expect(await nextOf(() => raw.message('next', '2'))).toEqual({
      data: { progressUpdated: { percent: 7 } },
    });
    raw.send({ id: '2', type: 'complete' });
    await eventually('it has ended', () => school.progress.live() === 0, 5_000);
    raw.send({ id: '3', type: 'subscribe', payload: { query: '', extensions } });
    expect(await nextOf(() => raw.message('next', '3'))).toEqual({
      data: { progressUpdated: { percent: 7 } },
    });
    raw.socket.close();
  });

  test('as many are remembered as there is room for, the ones used last', () => {
    const store = createAutomaticQueries(1_000);
    const texts = Array.from({ length: 200 }, (_, index) => `{ a${String(index).padStart(3, '0')} }`);
    store.set('first', texts[0]!);
    for (const text of texts) {
      store.set(text, text);
      expect(store.get('first')).toBe(texts[0]);
    }
    const kept = texts.filter((text) => store.get(text) !== undefined);
    expect(kept).toEqual(texts.slice(-kept.length));
    expect(kept.length).toBe(124);
    store.set('large', `{ ${'a '.repeat(10)} }`);
    expect(store.get('large')).toBeUndefined();
  });
});

const registered = [
  {
    id: 'of-courses',
    name: 'Courses',
    type: 'query',
    body: 'query Courses {\n  courses {\n    title\n  }\n}',
  },
  { id: 'of-watch', name: 'Watch', type: 'subscription', body: watching },
];
const manifestOf = (operations: readonly object[]) =>
  JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations });

describe('persisted operations', () => {
  let gateway: TestGateway;
  const manifest = parseManifest(manifestOf(registered));

  beforeAll(async () => {
    gateway = await startGateway(school.all, {
      documents: createKnownDocuments({ manifest: () => manifest, only: true }),
    });
  });

  afterAll(() => gateway.stop());

  test('are found by their ids, by POST and GET, and by their texts', async () => {
    const data = { courses: [{ title: 'Algebra' }, { title: 'Botany' }] };
    const extensions = named('of-courses');
    expect(await send(gateway, { extensions })).toEqual({ status: 200, data });
    expect(await get(gateway, { extensions: JSON.stringify(extensions) })).toEqual({ status: 200, data });
    expect(await send(gateway, { query: registered[0]!.body })).toEqual({ status: 200, data });
    expect(await send(gateway, { query: registered[0]!.body, extensions })).toEqual({ status: 200, data });
  });

  test.each([
    ['another text', { query: '{ whoami }' }],
    ['another text with its hash', { query: '{ whoami }', extensions: named(hashOf('{ whoami }')) }],
    ['a text that is one of them but for a space', { query: `${registered[0]!.body} ` }],
    ['introspection', { query: '{ __schema { queryType { name } } }' }],
  ])('nothing else is accepted: %s', async (_name, body) => {
    school.people.received.length = 0;
    expect(await send(gateway, body)).toMatchObject({
      status: 403,
      errors: refusedWith('PERSISTED_OPERATION_REQUIRED'),
    });
    expect(school.people.received).toEqual([]);
  });

  test('an id that there is not is not found, nor is one that a client has shown', async () => {
    const query = '{ whoami }';
    await send(gateway, { query, extensions: named(hashOf(query)) });
    expect(await send(gateway, { extensions: named(hashOf(query)) })).toMatchObject({
      status: 200,
      errors: refusedWith('PERSISTED_QUERY_NOT_FOUND'),
    });
  });

  test('nor another text under the id of one of them', async () => {
    const body = { query: '{ whoami }', extensions: named('of-courses') };
    expect(await send(gateway, body)).toMatchObject({ errors: refusedWith('PERSISTED_QUERY_MISMATCH') });
  });

  test('holds for subscriptions and queries on a socket', async () => {
    const raw = await initialised(gateway.url);
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { progressUpdated { id } }' } });
    raw.send({ id: '2', type: 'subscribe', payload: { query: '{ whoami }' } });
    for (const id of ['1', '2'])
      expect((await raw.message('error', id)).payload).toMatchObject(
        refusedWith('PERSISTED_OPERATION_REQUIRED'),
      );
    raw.send({ id: '3', type: 'subscribe', payload: { query: '', extensions: named('of-watch') } });
    expect(await nextOf(() => raw.message('next', '3'))).toEqual({
      data: { progressUpdated: { percent: 7 } },
    });
    raw.socket.close();
  });

  test.each([['text/event-stream'], ['multipart/mixed;subscriptionSpec=1.0']])(
    'and on an answer of %s',
    async (accept) => {
      const ask = (body: object, signal?: AbortSignal) =>
        fetch(gateway.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept },
          body: JSON.stringify(body),
          ...(signal ? { signal } : {}),
        });
      const refused = await ask({ query: 'subscription { progressUpdated { id } }' });
      expect(await refused.text()).toContain('PERSISTED_OPERATION_REQUIRED');
      const leave = new AbortController();
      const response = await ask({ extensions: named('of-watch') }, leave.signal);
      await eventually('it is at the subgraph', () => school.progress.live() === 1, 5_000);
      school.events.publish(progressOf('ada', 'algebra', 7));
      let text = '';
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString();
        if (text.includes('"percent":7')) break;
      }
      expect(text).toContain('"percent":7');
      leave.abort();
    },
  );

  test('and on an event stream of many', async () => {
    const stream = singleStream(gateway.url);
    const token = await stream.reserve();
    const refused = await stream.run(token, '1', 'subscription { progressUpdated { id } }');
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ errors: refusedWith('PERSISTED_OPERATION_REQUIRED') });
    const extensions = { ...named('of-watch'), operationId: '2' };
    expect((await stream.ask('POST', { token, body: { extensions } })).status).toBe(202);
    await eventually('it is at the subgraph', () => school.progress.live() === 1, 5_000);
    await stream.stop(token, '2');
    stream.leave();
  });
});

describe('the manifest of a file', () => {
  const environment = (path: string) => ({
    PERSISTED_OPERATIONS: path,
    PERSISTED_OPERATIONS_ONLY: '1' as const,
  });
  const courses = { query: registered[0]!.body };

  test('is loaded anew when it changes; where it is faulty then, the current one goes on', async () => {
    const path = join(folder, 'manifest.json');
    await writeFile(path, manifestOf([]));
    const told: string[] = [];
    const telling = Object.assign(Object.create(logger) as Logger, {
      error: (_fault: unknown, text: string) => void told.push(text),
    });
    const { documents, stop } = await openDocuments(environment(path), telling);
    const isAccepted = () => {
      try {
        return documents.resolve(courses).query === courses.query;
      } catch {
        return false;
      }
    };
    expect(isAccepted()).toBe(false);
    await writeFile(path, manifestOf(registered));
    await eventually('the new one is served', isAccepted, 10_000);
    await writeFile(path, '{"format":');
    await eventually('the faulty one is refused', () => told.length === 1, 10_000);
    expect(told).toEqual(['the new manifest is refused; the current one goes on']);
    expect(isAccepted()).toBe(true);
    await writeFile(path, manifestOf(registered.slice(0, 1)));
    await eventually(
      'the next good one is served',
      () => isAccepted() && !('query' in attempt(() => documents.resolve({ query: watching }))),
      10_000,
    );
    stop();
  });

  test.each([
    ['is not there', undefined, 'ENOENT'],
    ['is not JSON', '{', 'The manifest is not JSON.'],
    ['is something else', '{"format": "x"}', 'format:'],
    ['lacks a body', manifestOf([{ id: 'a', name: 'A', type: 'query' }]), 'operations.0.body:'],
    [
      'has an id twice',
      manifestOf([registered[0]!, registered[0]!]),
      'Two operations of the manifest have one id.',
    ],
  ])('that %s keeps the gateway from starting', async (_name, text, reason) => {
    const path = join(folder, 'faulty.json');
    await rm(path, { force: true });
    if (text !== undefined) await writeFile(path, text);
    const error: unknown = await openDocuments(environment(path), logger).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(StartError);
    expect((error as StartError).message).toContain(reason);
  });

  test('must be named where nothing else is accepted', () => {
    expect(() => readStandaloneEnv({ PERSISTED_OPERATIONS_ONLY: '1' })).toThrow('PERSISTED_OPERATIONS');
  });
});

function attempt<T extends object>(act: () => T): T | { refused: true } {
  try {
    return act();
  } catch {
    return { refused: true };
  }
}
