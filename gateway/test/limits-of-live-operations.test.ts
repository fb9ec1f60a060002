import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { singleStream } from './kit/event-stream.ts';
import { startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { startSchool, type School } from './kit/school.ts';

/** What holds for a query over HTTP holds for whatever comes by another way. */
let school: School;
let gateway: TestGateway;

beforeAll(async () => {
  school = await startSchool();
  gateway = await startGateway(school.all, {
    limits: { depth: 6, cost: 200, tokens: 300, selections: 40, mutations: 2, introspections: 1 },
    introspection: false,
  });
});

afterAll(async () => {
  await gateway.stop();
  await school.stop();
});

type Codes = Promise<unknown[]>;

const codesIn = (errors: unknown): unknown[] =>
  (errors as { extensions?: { code?: unknown } }[] | undefined)?.map(({ extensions }) => extensions?.code) ??
  [];

async function overSocket(query: string): Codes {
  const client = gateway.connect();
  const watched = watch(client, query);
  const end = await watched.end;
  await client.dispose();
  return codesIn(Array.isArray(end) ? end : watched.results[0]?.errors);
}

async function overStream(accept: string, query: string): Promise<string> {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
  });
  return response.text();
}

async function overEvents(query: string): Codes {
  const text = await overStream('text/event-stream', query);
  const data = /data: (.+)/.exec(text)?.[1] ?? '{}';
  return codesIn((JSON.parse(data) as { errors?: unknown }).errors);
}

async function inParts(query: string): Codes {
  const text = await overStream('multipart/mixed;subscriptionSpec=1.0', query);
  const payload = /\{"payload":.*\}/.exec(text)?.[0] ?? '{}';
  return codesIn((JSON.parse(payload) as { payload?: { errors?: unknown } }).payload?.errors);
}

async function overSingleStream(query: string): Codes {
  const stream = singleStream(gateway.url);
  const token = await stream.reserve();
  await stream.open(token);
  const response = await stream.run(token, '1', query);
  const told =
    response.status === 202
      ? ((await stream.event('next', '1')).data.payload as { errors?: unknown })
      : ((await response.json()) as { errors?: unknown });
  stream.leave();
  return codesIn(told.errors);
}

const deep = `subscription { progressUpdated { learner { ${'friends(first: 1) { '.repeat(6)} id ${'} '.repeat(6)} } } }`;
const costly = 'subscription { progressBatch { learner { friends { friends { friends { id } } } } } }';
const wide = `subscription { progressUpdated { ${Array.from({ length: 41 }, (_, index) => `p${index}: percent`).join(' ')} } }`;
const long = `subscription { progressUpdated { ${'percent '.repeat(301)} } }`;
const writing = `mutation { ${['a', 'b', 'c'].map((name) => `${name}: rename(id: "x", name: "y") { id }`).join(' ')} }`;

describe.each([
  ['a socket', overSocket],
  ['an event stream', overEvents],
  ['an event stream in single connection mode', overSingleStream],
  ['parts', inParts],
])('over %s', (_name, run) => {
  test.each([
    ['too deep', deep, 'OPERATION_TOO_DEEP'],
    ['too costly', costly, 'OPERATION_TOO_COSTLY'],
    ['of too many selections', wide, 'OPERATION_TOO_LARGE'],
    ['of too many tokens', long, 'GRAPHQL_PARSE_FAILED'],
    [
      'of two root fields',
      'subscription { progressUpdated { id } progressBatch { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['cut short', 'subscription { progressUpdated {', 'GRAPHQL_PARSE_FAILED'],
    ['deferred', 'subscription { progressUpdated { ... @defer { id } } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'of variables that do not fit',
      'subscription($id: ID!) { progressUpdated(courseId: $id) { id } }',
      'BAD_USER_INPUT',
    ],
  ])('a subscription that is %s is refused, and no subgraph hears of it', async (_what, query, code) => {
    const before = school.progress.opened();
    expect(await run(query)).toEqual([code]);
    expect(school.progress.opened()).toBe(before);
  });

  test.each([
    [
      'a query that is deferred',
      'query { people { nodes { ... @defer { name } } } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a query for the schema', '{ __schema { types { name } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['mutations that are too many', writing, 'TOO_MANY_MUTATIONS'],
  ])('%s is refused', async (_what, query, code) => {
    const before = school.people.received.length;
    expect(await run(query)).toContain(code);
    expect(school.people.received).toHaveLength(before);
  });

  test('a subscription that its subgraph denies is told so with the code', async () => {
    expect(await run('subscription { forInstructors { id } }')).toEqual(['FORBIDDEN']);
  });
});
