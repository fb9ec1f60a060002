import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { statement, statements } from './kit/statements.ts';
import type { XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let client: XapiClient;

beforeAll(async () => {
  lrs = await startLrs({ XAPI_BODY_LIMIT: '200000' });
  client = await lrs.client('org_a');
}, 60_000);
afterAll(() => lrs.stop());

/** Reads a statement back once ClickHouse has it. */
function stored(id: unknown, reader: XapiClient = client) {
  return eventually(async () => {
    const answer = await reader.get(`?statementId=${String(id)}`);
    expect(answer.status).toBe(200);
    return answer;
  });
}

describe('what is accepted', () => {
  test('comes back with its stamps: id, stored, timestamp, authority, version', async () => {
    const { status, body } = await client.post(statement({ id: undefined }));
    expect(status).toBe(200);
    const [id] = body as unknown as string[];
    const answer = await stored(id);
    expect(answer.body).toMatchObject({
      id,
      version: '1.0.0',
      authority: { objectType: 'Agent', account: { homePage: 'http://lyceum.example/xapi' } },
    });
    expect(answer.body['timestamp']).toBe(answer.body['stored']);
    expect(answer.headers.get('x-experience-api-version')).toBe('1.0.3');
    expect(new Date(answer.headers.get('last-modified') ?? '').getTime()).toBeGreaterThan(
      Date.now() - 60_000,
    );
  });

  test('is what was sent, to the digit and the escape', async () => {
    const id = randomUUID();
    const inside =
      '"urn:x:y":{"big":1e400,"exact":1.10,"text":"\\u00e9\\ud800\\/é😀","__proto__":{"a":null}}';
    const sent = `{"id":"${id}",\n\t"actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"urn:v:v"},"object":{"id":"urn:o:o"},"result":{"extensions":{${inside}}}}`;
    expect((await client.post(sent)).status).toBe(200);
    expect((await stored(id)).text).toContain(inside);
  });

  test('never has the authority that the client claims', async () => {
    const claimed = statement({
      authority: { mbox: 'mailto:boss@example.org' },
      stored: '2001-01-01T00:00:00Z',
    });
    await client.post(claimed);
    const { body } = await stored(claimed['id']);
    expect(body['authority']).not.toHaveProperty('mbox');
    expect(String(body['stored'])).not.toContain('2001');
  });

  test('is answered with the ids in the order sent', async () => {
    const batch = statements(100);
    const { body } = await client.post(batch);
    expect(body).toEqual(batch.map(({ id }) => id));
  });

  test('by PUT gets the id of the address', async () => {
    const id = randomUUID();
    const put = await client.send('PUT', `/xapi/statements?statementId=${id}`, {
      body: JSON.stringify(statement({ id: undefined })),
    });
    expect([put.status, put.text]).toEqual([204, '']);
    expect((await stored(id)).body['id']).toBe(id);
  });

  test('is stored once, though it is sent twice', async () => {
    const first = statement({ result: { response: 'first' } });
    expect((await client.post(first)).status).toBe(200);
    const other = statement();
    const again = await client.post([other, first]);
    expect([again.status, again.body]).toEqual([200, [other['id'], first['id']]]);
    await lrs.ingested();
    expect(await lrs.count(`id = '${String(first['id'])}'`)).toBe(1);
  });

  test('may be of 2.0, with its version', async () => {
    const sent = statement({
      context: { contextAgents: [{ objectType: 'contextAgent', agent: { mbox: 'mailto:a@b.c' } }] },
    });
    const answer = await client.send('POST', '/xapi/statements', {
      body: JSON.stringify(sent),
      headers: { 'x-experience-api-version': '2.0.0' },
    });
    expect([answer.status, answer.headers.get('x-experience-api-version')]).toEqual([200, '2.0.0']);
    expect((await stored(sent['id'])).body['version']).toBe('2.0.0');
  });
});

describe('a batch is accepted whole or not at all', () => {
  test('one bad statement in a hundred: nothing is stored, and the answer says where', async () => {
    const batch = statements(100);
    batch[42] = statement({ actor: { mbox: 'nobody' } });
    const { status, body } = await client.post(batch);
    expect([status, body.error.code]).toEqual([400, 'INVALID_STATEMENT']);
    expect(body.error.faults).toEqual([
      { path: '[42].actor.mbox', reason: expect.any(String), spec: 'Data 2.4.2.3' },
    ]);
    const after = statement();
    await client.post(after);
    await lrs.ingested();
    expect(await lrs.count(`id = '${String(batch[0]?.['id'])}'`)).toBe(0);
  });

  test('one id twice is refused', async () => {
    const twice = statement();
    const upper = { ...twice, id: String(twice['id']).toUpperCase() };
    const { status, body } = await client.post([twice, upper]);
    expect([status, body.error.faults[0]?.path]).toEqual([400, '[1].id']);
  });
});

test('more small statements than the log takes at once: the refusal says how many it takes', async () => {
  const large = await startLrs();
  const sender = await large.client('org_a');
  const small = { actor: { mbox: 'mailto:a@b.c' }, verb: { id: 'a:b' }, object: { id: 'a:b' } };
  const { status, body } = await sender.post(Array.from({ length: 35_000 }, () => small));
  expect([status, body.error.code]).toEqual([413, 'TOO_MANY_STATEMENTS']);
  const fitting = Number(/at most (\d+)/.exec(body.error.message)?.[1]);
  expect((await sender.post(Array.from({ length: fitting }, () => small))).status).toBe(200);
  await large.stop();
}, 60_000);

describe('what is refused says why', () => {
  const cases: [string, number, string, (c: XapiClient) => Promise<unknown>][] = [
    [
      'no version',
      400,
      'VERSION_MISSING',
      (c) => c.send('POST', '/xapi/statements', { body: '[]', headers: { 'x-experience-api-version': '' } }),
    ],
    [
      'version 0.95',
      400,
      'VERSION_UNSUPPORTED',
      (c) =>
        c.send('POST', '/xapi/statements', { body: '[]', headers: { 'x-experience-api-version': '0.95' } }),
    ],
    [
      'no credentials',
      401,
      'UNAUTHENTICATED',
      (c) => c.send('POST', '/xapi/statements', { body: '[]', headers: { authorization: '' } }),
    ],
    [
      'a wrong secret',
      401,
      'UNAUTHENTICATED',
      (c) =>
        c.send('POST', '/xapi/statements', {
          body: '[]',
          headers: { authorization: `Basic ${btoa('key1:wrong')}` },
        }),
    ],
    [
      'credentials that are none',
      401,
      'UNAUTHENTICATED',
      (c) => c.send('GET', '/xapi/statements', { headers: { authorization: 'Basic @@@' } }),
    ],
    [
      'a form',
      400,
      'CONTENT_TYPE',
      (c) =>
        c.send('POST', '/xapi/statements', {
          body: 'a=b',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        }),
    ],
    [
      'multipart that is none',
      400,
      'INVALID_MULTIPART',
      (c) =>
        c.send('POST', '/xapi/statements', {
          body: '--a',
          headers: { 'content-type': 'multipart/mixed; boundary=a' },
        }),
    ],
    [
      'gzip',
      415,
      'CONTENT_ENCODING',
      (c) => c.send('POST', '/xapi/statements', { body: 'x', headers: { 'content-encoding': 'gzip' } }),
    ],
    ['no JSON', 400, 'NOT_JSON', (c) => c.post('{"actor":')],
    ['nothing', 400, 'NOT_JSON', (c) => c.post('')],
    ['invalid UTF-8', 400, 'NOT_UTF_8', (c) => c.post(Buffer.from([0x22, 0xc3, 0x28, 0x22]))],
    ['10,000 levels', 400, 'TOO_DEEP', (c) => c.post(`[${'['.repeat(10_000)}${']'.repeat(10_000)}]`)],
    ['levels without end', 400, 'TOO_DEEP', (c) => c.post('{"a":'.repeat(20_000))],
    ['a number', 400, 'INVALID_STATEMENT', (c) => c.post('1')],
    [
      '1e400 as a score',
      400,
      'INVALID_STATEMENT',
      (c) => c.post(JSON.stringify(statement()).replace('{', '{"result":{"score":{"raw":1e400}},')),
    ],
    [
      '__proto__',
      400,
      'INVALID_STATEMENT',
      (c) => c.post(JSON.stringify(statement()).replace('{', '{"__proto__":{"id":1},')),
    ],
    [
      'a property twice',
      400,
      'INVALID_STATEMENT',
      (c) => c.post(JSON.stringify(statement()).replace('{', '{"verb":{"id":"urn:x:y"},')),
    ],
    [
      'an attachment without its bytes',
      400,
      'INVALID_STATEMENT',
      (c) =>
        c.post(
          statement({
            attachments: [
              {
                usageType: 'urn:x:y',
                display: { en: 'x' },
                contentType: 'text/plain',
                length: 1,
                sha2: 'a'.repeat(64),
              },
            ],
          }),
        ),
    ],
    ['a giant', 413, 'BODY_TOO_LARGE', (c) => c.post(' '.repeat(250_000))],
    [
      'a giant in chunks',
      413,
      'BODY_TOO_LARGE',
      (c) =>
        c.send('POST', '/xapi/statements', {
          body: new Blob([' '.repeat(250_000)]).stream() as never,
        }),
    ],
    ['PUT without an id', 400, 'BAD_PARAMETER', (c) => c.send('PUT', '/xapi/statements', { body: '{}' })],
    [
      'PUT with another id',
      400,
      'INVALID_STATEMENT',
      (c) =>
        c.send('PUT', `/xapi/statements?statementId=${randomUUID()}`, { body: JSON.stringify(statement()) }),
    ],
    [
      'PUT of an array',
      400,
      'INVALID_STATEMENT',
      (c) =>
        c.send('PUT', `/xapi/statements?statementId=${randomUUID()}`, {
          body: JSON.stringify([statement()]),
        }),
    ],
    [
      'POST with a parameter',
      400,
      'BAD_PARAMETER',
      (c) => c.send('POST', '/xapi/statements?statementId=1', { body: '[]' }),
    ],
    ['DELETE', 405, 'METHOD_NOT_ALLOWED', (c) => c.send('DELETE', '/xapi/statements')],
    [
      'a method named like a property',
      405,
      'METHOD_NOT_ALLOWED',
      (c) => c.send('TRACE'.replace('TRACE', 'PATCH'), '/xapi/about'),
    ],
    ['nowhere', 404, 'NOT_FOUND', (c) => c.send('GET', '/xapi/constructor')],
  ];

  test.each(cases)('%s', async (_name, status, code, act) => {
    const answer = (await act(client)) as Awaited<ReturnType<XapiClient['post']>>;
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(answer.headers.get('x-experience-api-version')).toBeTruthy();
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  test('a key without the scope', async () => {
    const reading = await lrs.client('org_a', ['statements/read']);
    const { status, body } = await reading.post(statement());
    expect([status, body.error.code]).toEqual([403, 'FORBIDDEN']);
    const writing = await lrs.client('org_a', ['statements/write']);
    expect((await writing.get('')).status).toBe(403);
    expect((await writing.post(statement())).status).toBe(200);
  });
});

test('about is open to all, health and metrics are there', async () => {
  const about = await fetch(`${lrs.url}/xapi/about`);
  expect(await about.json()).toEqual({ version: expect.arrayContaining(['1.0.3', '2.0.0']) });
  expect((await fetch(`${lrs.url}/health/live`)).status).toBe(200);
  expect(await (await fetch(`${lrs.url}/health/ready`)).json()).toMatchObject({ status: 'ready' });
  expect(await (await fetch(`${lrs.url}/metrics`)).text()).toContain('lyceum_statements_accepted_total');
});
