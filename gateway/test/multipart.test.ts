import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from './kit/eventually.ts';
import { startGateway, type TestGateway } from './kit/gateway.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

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

afterEach(() => eventually('no subscription is left at the subgraph', () => school.progress.live() === 0));

describe('a multipart answer', () => {
  const accepted = 'multipart/mixed;subscriptionSpec="1.0", application/json';

  function subscribe(query: string, headers: Record<string, string> = {}, leave = new AbortController()) {
    return fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: accepted, ...headers },
      body: JSON.stringify({ query }),
      signal: leave.signal,
    });
  }

  /** What is in the parts of an answer, each of which is whole when the next boundary is there. */
  function parts(text: string, boundary = '-'): unknown[] {
    const [preamble, ...framed] = text.split(`\r\n--${boundary}`);
    expect(preamble).toBe('');
    return framed.slice(0, -1).map((part) => {
      const [head, body = ''] = part.split('\r\n\r\n');
      expect(head).toBe('\r\ncontent-type: application/json');
      return JSON.parse(body) as unknown;
    });
  }

  test('carries a subscription, completed from the other subgraphs', async () => {
    const leave = new AbortController();
    const response = await subscribe('subscription { progressUpdated { learner { name } } }', {}, leave);
    expect(response.headers.get('content-type')).toBe('multipart/mixed;boundary="-";subscriptionSpec=1.0');
    await eventually('it is open', () => school.progress.live() === 1);
    school.events.publish(progressOf('ada', 'algebra', 1));
    let text = '';
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk).toString();
      if (parts(text).length === 2) break;
    }
    expect(parts(text)).toEqual([
      {},
      { payload: { data: { progressUpdated: { learner: { name: 'Ada' } } } } },
    ]);
    leave.abort();
    await eventually('the upstream is closed', () => school.progress.live() === 0);
  });

  test('has the boundary that the client asks for', async () => {
    const response = await subscribe('{ whoami }', {
      accept: 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json',
      authorization: 'Bearer ada',
    });
    expect(response.headers.get('content-type')).toContain('boundary="graphql"');
    const text = await response.text();
    expect(parts(text, 'graphql')).toEqual([{}, { payload: { data: { whoami: 'Bearer ada' } } }]);
    expect(text.endsWith('\r\n--graphql--\r\n')).toBe(true);
  });

  test('ends with errors and no payload when the token expires', async () => {
    const response = await subscribe('subscription { progressUpdated { id } }', {
      authorization: 'Bearer ada:200',
    });
    const text = await response.text();
    expect(parts(text).at(-1)).toMatchObject({
      payload: null,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(text.endsWith('\r\n-----\r\n')).toBe(true);
  });

  test('carries the reasons of a refusal as a result', async () => {
    const text = await (await subscribe('subscription { nonsense }')).text();
    expect(parts(text).at(-1)).toMatchObject({
      payload: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    });
  });

  test('needs a valid token, if any', async () => {
    const { status } = await subscribe('subscription { nonsense }', { authorization: 'Bearer forged' });
    expect(status).toBe(401);
  });

  test('is not given to what a form could send', async () => {
    const response = await subscribe('subscription { progressUpdated { id } }', {
      'content-type': 'text/plain',
    });
    expect(response.status).toBe(400);
    expect(school.progress.live()).toBe(0);
  });

  test('is not for those who accept other parts', async () => {
    const response = await subscribe('{ whoami }', { accept: 'multipart/mixed;deferSpec=20220824, */*' });
    expect(await response.json()).toEqual({ data: { whoami: null } });
  });
});
