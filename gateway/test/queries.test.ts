import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openClient } from '@lyceum/service';
import { gatewaySecret, startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { startSchool, type School } from './kit/school.ts';
import { eventually } from './kit/eventually.ts';

let school: School;
let gateway: TestGateway;

beforeAll(async () => {
  school = await startSchool();
  gateway = await startGateway(school.all);
});

afterAll(async () => {
  await gateway.stop();
  await school.stop();
});

beforeEach(() => {
  for (const subgraph of school.all) {
    subgraph.received.length = 0;
    subgraph.answerWith(undefined);
  }
});

describe('where a request comes from', () => {
  const headers = { 'user-agent': 'A Browser/1', 'lyceum-client': 'forged' };
  const toldOf = () => school.people.received.map(({ headers: sent }) => sent['lyceum-client']);

  test('is told with a change, signed, over HTTP and over a socket', async () => {
    await gateway.query('mutation { rename(id: "ada", name: "Ada") { id } }', { headers });
    const client = gateway.connect();
    await watch(client, 'mutation { rename(id: "ada", name: "Ada") { id } }').end;
    await client.dispose();
    const [byHttp, bySocket] = toldOf().map((sealed) => openClient(String(sealed), gatewaySecret));
    expect(byHttp).toEqual({ address: '127.0.0.1', userAgent: 'A Browser/1' });
    expect(bySocket).toEqual({ address: expect.stringMatching(/127\.0\.0\.1$/), userAgent: undefined });
  });

  test('is not told with a read, which would be shared with nobody then', async () => {
    await gateway.query('{ person(id: "ada") { name } }', { headers });
    expect(toldOf()).toEqual([undefined]);
  });
});

describe('a query', () => {
  test('is answered from three subgraphs', async () => {
    const { data, errors } = await gateway.query(
      '{ progress { percent learner { name } course { title teacher { name } } } }',
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      progress: [
        { percent: 10, learner: { name: 'Ada' }, course: { title: 'Algebra', teacher: { name: 'Cleo' } } },
        { percent: 20, learner: { name: 'Ben' }, course: { title: 'Botany', teacher: { name: 'Cleo' } } },
      ],
    });
  });

  test('may be sent by GET with a header that a form cannot send', async () => {
    const url = `${gateway.url}?query=${encodeURIComponent('{ person(id: "ada") { name } }')}`;
    const answer = await fetch(url, { headers: { 'apollo-require-preflight': '1' } });
    expect(await answer.json()).toEqual({ data: { person: { name: 'Ada' } } });
  });

  test('is refused as a possible cross-site request without such a header', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    const answer = await fetch(`${gateway.url}?query=${encodeURIComponent('{ whoami }')}`, { headers });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain('CSRF');
  });

  test('in a form is refused', async () => {
    const body = new URLSearchParams({ query: 'mutation { rename(id: "ada", name: "x") { id } }' });
    const answer = await fetch(gateway.url, { method: 'POST', body });
    expect(answer.status).toBe(415);
    expect(school.people.received).toHaveLength(0);
  });

  test('in a batch is refused', async () => {
    const body = JSON.stringify([{ query: '{ whoami }' }, { query: '{ whoami }' }]);
    const answer = await fetch(gateway.url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(400);
  });

  test('that names no operation of its document is refused', async () => {
    const query = 'query A { whoami } query B { whoami }';
    expect(await gateway.query(query, { operationName: 'C' })).toMatchObject({ status: 400 });
    expect(await gateway.query(query)).toMatchObject({ status: 400 });
    expect(await gateway.query(query, { operationName: 'B' })).toMatchObject({ status: 200 });
  });

  test('that is not JSON is answered in the form of GraphQL', async () => {
    const answer = await fetch(gateway.url, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  test('may ask for the schema', async () => {
    const { data } = await gateway.query('{ __schema { queryType { name } } }');
    expect(data).toEqual({ __schema: { queryType: { name: 'Query' } } });
  });
});

describe('the access token', () => {
  test('is forwarded with the request id', async () => {
    const headers = { 'x-request-id': 'request-1' };
    expect(await gateway.query('{ whoami }', { token: 'ada', headers })).toMatchObject({
      data: { whoami: 'Bearer ada' },
    });
    expect(school.people.received[0]?.headers).toMatchObject({
      authorization: 'Bearer ada',
      'x-request-id': 'request-1',
    });
  });

  test('may be absent', async () => {
    expect(await gateway.query('{ whoami }')).toMatchObject({ status: 200, data: { whoami: null } });
  });

  test('that is not valid is refused before any subgraph is asked', async () => {
    const answer = await gateway.query('{ whoami }', { token: 'forged' });
    expect(answer).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(school.people.received).toHaveLength(0);
  });

  test('of another scheme is refused', async () => {
    const answer = await gateway.query('{ whoami }', { headers: { authorization: 'Basic YTpi' } });
    expect(answer.status).toBe(401);
  });
});

describe('a subgraph that fails', () => {
  test('nulls only what depends on it, with its name and a code', async () => {
    school.courses.answerWith({ status: 500, text: 'stack trace' });
    const { data, errors } = await gateway.query(
      '{ progress { percent learner { name } course { title } } }',
    );
    expect(data).toEqual({
      progress: [
        { percent: 10, learner: { name: 'Ada' }, course: { title: null } },
        { percent: 20, learner: { name: 'Ben' }, course: { title: null } },
      ],
    });
    expect(errors).toEqual([
      {
        message: 'The subgraph "courses" answered 500.',
        path: ['progress'],
        extensions: { code: 'SUBGRAPH_BAD_ANSWER', serviceName: 'courses' },
      },
    ]);
  });

  test('by being slow is waited for no longer than the timeout', async () => {
    const impatient = await startGateway(school.all, { subgraphTimeoutMs: 1_500 });
    const release = school.courses.hold();
    const { data, errors } = await impatient.query('{ progress { percent course { title } } }');
    release();
    await impatient.stop();
    expect(data).toMatchObject({ progress: [{ percent: 10, course: { title: null } }, { percent: 20 }] });
    expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_TIMEOUT', serviceName: 'courses' } }]);
  });

  test('by not being there is told as that', async () => {
    await school.courses.stop();
    const { data, errors } = await gateway
      .query('{ courses { title } }')
      .finally(() => school.courses.restart());
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'courses' } }]);
    await eventually('courses to be asked again', async () => {
      const answer = await gateway.query('{ courses { title } }');
      return answer.errors === undefined;
    });
  });

  test('by denying one field is quoted with its own code and the path', async () => {
    const { data, errors } = await gateway.query('{ person(id: "hidden") { id name } }');
    expect(data).toEqual({ person: { id: 'hidden', name: null } });
    expect(errors).toEqual([
      {
        message: 'You may not know.',
        path: ['person', 'name'],
        extensions: { code: 'FORBIDDEN', serviceName: 'people' },
      },
    ]);
  });
});

describe('an entity that occurs in several places', () => {
  test('is asked for once, and is in each place', async () => {
    const { data } = await gateway.query('{ courses { id teacher { name } } }');
    expect(data).toEqual({
      courses: [
        { id: 'algebra', teacher: { name: 'Cleo' } },
        { id: 'botany', teacher: { name: 'Cleo' } },
      ],
    });
    expect(school.people.received[0]?.variables).toEqual({
      representations: [{ __typename: 'Person', id: 'cleo' }],
    });
  });

  test('keeps its own arguments beside the representations', async () => {
    const query = 'query($word: String!) { courses { teacher { greeting(word: $word) teaches { title } } } }';
    const { data } = await gateway.query(query, { variables: { word: 'Hello' } });
    const teacher = { greeting: 'Hello Cleo', teaches: [{ title: 'Algebra' }, { title: 'Botany' }] };
    expect(data).toEqual({ courses: [{ teacher }, { teacher }] });
  });

  test('reports its error in each place', async () => {
    school.teacher.id = 'hidden';
    const { data, errors } = await gateway.query('{ courses { teacher { name } } }').finally(() => {
      school.teacher.id = 'cleo';
    });
    expect(data).toEqual({ courses: [{ teacher: { name: null } }, { teacher: { name: null } }] });
    expect(errors?.map(({ path }) => path)).toEqual([
      ['courses', 0, 'teacher', 'name'],
      ['courses', 1, 'teacher', 'name'],
    ]);
  });
});

describe('identical queries at the same time', () => {
  test('share one fetch where the token is the same', async () => {
    const release = school.people.hold();
    const answers = Promise.all(['ada', 'ada', 'ben'].map((token) => gateway.query('{ whoami }', { token })));
    await eventually('a fetch for each token', () => school.people.received.length === 2);
    release();
    expect((await answers).map(({ data }) => data?.['whoami'])).toEqual([
      'Bearer ada',
      'Bearer ada',
      'Bearer ben',
    ]);
    expect(school.people.received).toHaveLength(2);
  });

  test('do not share a fetch that began before a write ended', async () => {
    const release = school.people.hold((query) => query.includes('whoami'));
    const before = gateway.query('{ whoami }', { token: 'ada' });
    await eventually('the first read', () => school.people.received.length === 1);
    await gateway.query('mutation { rename(id: "ada", name: "x") { id } }', { token: 'ada' });
    const after = gateway.query('{ whoami }', { token: 'ada' });
    await eventually('a read of its own', () => school.people.received.length === 3);
    release();
    await Promise.all([before, after]);
  });

  test('are never shared when they are mutations', async () => {
    const mutation = 'mutation { rename(id: "ada", name: "x") { id } }';
    await Promise.all([gateway.query(mutation), gateway.query(mutation)]);
    expect(school.people.received).toHaveLength(2);
  });
});

describe('health and metrics', () => {
  test('it is ready once every subgraph has answered, and stays so', async () => {
    expect((await fetch(`${gateway.origin}/health/ready`)).status).toBe(200);
    await school.courses.stop();
    const { status } = await fetch(`${gateway.origin}/health/ready`).finally(() => school.courses.restart());
    expect(status).toBe(200);
  });

  test('it is not ready while a subgraph has never answered', async () => {
    await school.courses.stop();
    const other = await startGateway(school.all);
    const answer = await fetch(`${other.origin}/health/ready`);
    await school.courses.restart();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      checks: [{ name: 'subgraphs', reason: expect.stringContaining('courses') }],
    });
    expect((await fetch(`${other.origin}/health/ready`)).status).toBe(200);
    await other.stop();
  });

  test('fetches and operations are counted', async () => {
    await gateway.query('{ whoami }');
    const text = await (await fetch(`${gateway.origin}/metrics`)).text();
    expect(text).toMatch(/lyceum_gateway_fetch_seconds_count\{[^}]*subgraph="people"/);
    expect(text).toMatch(/lyceum_gateway_operation_seconds_count\{[^}]*kind="query"/);
  });
});
