import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { clientHeader, StartError, type RunningService } from '@lyceum/service';
import { standalone } from '../src/standalone/standalone.ts';
import { eventually } from './kit/eventually.ts';
import { composed, connect, post, watch } from './kit/gateway.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

let school: School;
let folder: string;
let supergraph: string;
let running: RunningService | undefined;

beforeAll(async () => {
  process.env['LOG_LEVEL'] = 'silent';
  school = await startSchool();
  folder = await mkdtemp(join(tmpdir(), 'lyceum-standalone-'));
  supergraph = join(folder, 'supergraph.graphql');
  await writeFile(supergraph, composed(school.all));
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

afterAll(async () => {
  await school.stop();
  await rm(folder, { recursive: true });
});

async function start(...given: string[]): Promise<string> {
  running = await standalone(given).start();
  return `${running.url}/graphql`;
}

describe('the gateway alone, over any supergraph', () => {
  test('answers queries and mutations of the subgraphs that the supergraph names, on loopback', async () => {
    const url = await start('--supergraph', supergraph, '--port', '0');
    expect(new URL(url).hostname).toBe('127.0.0.1');
    const { data } = await post(url, '{ courses { title teacher { name } } }');
    expect(data).toEqual({
      courses: [
        { title: 'Algebra', teacher: { name: 'Cleo' } },
        { title: 'Botany', teacher: { name: 'Cleo' } },
      ],
    });
    const renamed = await post(url, 'mutation { rename(id: "ben", name: "x") { name teaches { title } } }');
    expect(renamed.data).toMatchObject({ rename: { name: 'Ben', teaches: [{ title: 'Algebra' }, {}] } });
  });

  test('serves subscriptions, with fields of other subgraphs', async () => {
    const client = connect(await start('--supergraph', supergraph, '--port', '0'), {});
    const watched = watch(client, 'subscription { progressUpdated { percent learner { name } } }');
    await eventually('the subscription', () => school.progress.live() === 1);
    school.events.publish(progressOf('ada', 'algebra', 40));
    await eventually('its event', () => watched.results.length === 1);
    expect(watched.results[0]?.data).toEqual({ progressUpdated: { percent: 40, learner: { name: 'Ada' } } });
    await client.dispose();
  });

  test('hands on what a client says of itself, and nothing of its own', async () => {
    const url = await start('--supergraph', supergraph, '--port', '0');
    school.people.received.length = 0;
    const { data } = await post(url, '{ whoami }', { headers: { authorization: 'Basic of-the-client' } });
    expect(data).toEqual({ whoami: 'Basic of-the-client' });
    await post(url, 'mutation { rename(id: "ben", name: "x") { id } }');
    expect(school.people.received.map(({ headers }) => headers[clientHeader])).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('has no limit of cost: what lists hold in a graph that it does not know, it cannot say', async () => {
    const url = await start('--supergraph', supergraph, '--port', '0');
    const deep = `{ people { nodes { ${'friends { '.repeat(6)} id ${'} '.repeat(6)} } } }`;
    expect((await post(url, deep)).errors).toBeUndefined();
  });

  test('serves the supergraph anew when its file changes', async () => {
    const file = join(folder, 'changing.graphql');
    await writeFile(file, composed([school.courses]));
    const url = await start('--supergraph', file, '--port', '0');
    expect((await post(url, '{ whoami }')).status).toBe(400);
    await writeFile(file, composed(school.all));
    await eventually('the field of the new supergraph', async () => {
      const { status } = await post(url, '{ whoami }');
      return status === 200;
    });
  });
});

test('an URL is asked for the supergraph, and the file keeps what was served', async () => {
  let served = composed([school.courses]);
  const registry = createHttpServer((_request, response) => response.end(served));
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  const file = join(folder, 'kept.graphql');
  process.env['SUPERGRAPH_POLL_MS'] = '20';
  const url = await start('--supergraph', file, '--supergraph-url', address, '--port', '0');
  delete process.env['SUPERGRAPH_POLL_MS'];
  expect((await post(url, '{ whoami }')).status).toBe(400);
  served = composed(school.all);
  await eventually('the supergraph of now', async () => (await post(url, '{ whoami }')).status === 200);
  await eventually('a copy of it', async () => (await readFile(file, 'utf8')) === served);
  const metrics = await (await fetch(new URL('/metrics', url))).text();
  expect(metrics).toMatch(/lyceum_gateway_supergraph_polls_total\{[^}]*outcome="replaced"[^}]*\} 1/);
  registry.closeAllConnections();
  registry.close();
});

describe('what is wrong is said without a stack', () => {
  const refusal = async (...given: string[]) => {
    const error: unknown = await standalone(given)
      .start()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartError);
    return (error as StartError).message;
  };

  test('a file that is not there', async () => {
    const missing = join(folder, 'missing.graphql');
    expect(await refusal('--supergraph', missing)).toMatch(/missing\.graphql cannot be read\. .*ENOENT/);
  });

  test.each([
    ['is not GraphQL', '{"name": "package"}', /cannot be served\. Syntax Error/],
    ['is a schema of one service', 'type Query { a: String }', /cannot be served\. .*must be a core schema/],
  ])('a supergraph that %s', async (_name, text, message) => {
    const file = join(folder, 'faulty.graphql');
    await writeFile(file, text);
    expect(await refusal('--supergraph', file, '--port', '0')).toMatch(message);
  });

  test('a subgraph without an address', async () => {
    const file = join(folder, 'no-address.graphql');
    await writeFile(file, composed(school.all).replace(school.people.url, ''));
    expect(await refusal('--supergraph', file, '--port', '0')).toContain('"people" has no address');
  });

  test.each([
    ['authenticated', ', for: SECURITY'],
    ['requiresScopes', ', for: SECURITY'],
    ['policy', ''],
  ])('a supergraph that asks for rights by @%s, which would not be enforced', async (name, purpose) => {
    const file = join(folder, 'rights.graphql');
    const link = `schema @link(url: "https://specs.apollo.dev/${name}/v0.1"${purpose})`;
    await writeFile(file, composed(school.all).replace(/^schema/m, link));
    expect(await refusal('--supergraph', file, '--port', '0')).toContain(`asks for rights by @${name}`);
  });

  test('a port that is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const message = await refusal('--supergraph', supergraph, '--port', `${port}`);
    other.close();
    expect(message).toBe(
      `Port ${port} on 127.0.0.1 is in use by another process. Pass another --port, or stop that process.`,
    );
  });

  test.each([
    ['no supergraph', ['--port', '0'], '--supergraph must name a file.'],
    ['a port that is none', ['--supergraph', 'x', '--port', '70000'], '--port must be a port'],
    [
      'an address that is none',
      ['--supergraph', 'x', '--supergraph-url', 'ftp://x'],
      '--supergraph-url must be an address',
    ],
    ['an argument that there is not', ['--supergraf', 'x'], "Unknown option '--supergraf'"],
  ])('%s', async (_name, given, message) => {
    expect(await refusal(...given)).toContain(message);
    expect(await refusal(...given)).toContain('Usage: npm start --workspace gateway');
  });
});
