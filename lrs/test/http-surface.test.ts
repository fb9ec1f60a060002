import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { addressOf, etagOf, remote, resources } from './kit/documents.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { statement } from './kit/statements.ts';
import type { XapiAnswer, XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let client: XapiClient;

const limit = 64 * 1024;

beforeAll(async () => {
  lrs = await startLrs({ XAPI_DOCUMENT_LIMIT: String(limit), XAPI_IN_FLIGHT_LIMIT: '1048576' });
  client = await lrs.client('org_a');
}, 60_000);

afterAll(async () => {
  await lrs.stop();
});

const [[, statePath, ofState]] = resources;
const state = () => remote(client, statePath, ofState);

/** A request as a browser's form sends it, without any header of xAPI. */
async function sendForm(
  method: string,
  path: string,
  fields: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<XapiAnswer> {
  const own = { authorization: '', 'x-experience-api-version': '' };
  const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString();
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return client.send('POST', `${path}?method=${method}`, { body, headers: { ...own, ...type, ...headers } });
}

const formHeaders = () => ({
  Authorization: client.headers['authorization'] ?? '',
  'X-Experience-API-Version': '1.0.2',
});

describe('the alternate syntax of 1.0.3', () => {
  test('writes, reads and deletes documents with all headers in the form', async () => {
    const parameters = { ...ofState, stateId: 'alternate ü & =' };
    const form = { ...formHeaders(), ...parameters };
    const content = 'Ωμέγα & = + %';
    const put = await sendForm('PUT', statePath, {
      ...form,
      content,
      'Content-Type': 'text/plain',
      'If-None-Match': '*',
    });
    expect([put.status, put.headers.get('x-experience-api-version')]).toEqual([204, '1.0.3']);
    const got = await sendForm('GET', statePath, form);
    expect([got.status, got.text, got.headers.get('content-type')]).toEqual([200, content, 'text/plain']);
    expect(got.headers.get('etag')).toBe(etagOf(content));
    expect((await sendForm('PUT', statePath, { ...form, content: 'x', 'If-Match': '"1"' })).status).toBe(412);
    expect((await sendForm('DELETE', statePath, { ...form, 'if-match': etagOf(content) })).status).toBe(204);
    expect((await sendForm('GET', statePath, form)).status).toBe(404);
  });

  test('writes and reads statements; content without a type is one', async () => {
    const sent = statement();
    const statementId = String(sent['id']);
    const content = JSON.stringify(sent);
    const put = await sendForm('PUT', '/xapi/statements', { ...formHeaders(), statementId, content });
    expect(put.status).toBe(204);
    await eventually(async () => {
      expect((await sendForm('GET', '/xapi/statements', { ...formHeaders(), statementId })).status).toBe(200);
    });
    const post = await sendForm('POST', '/xapi/statements', {
      ...formHeaders(),
      content: `[${JSON.stringify(statement())}]`,
    });
    expect(post.status).toBe(200);
  });

  test.each([
    ['of 2.0', 'PUT', { 'X-Experience-API-Version': '2.0.0', content: '{}' }],
    ['without a version', 'PUT', { 'X-Experience-API-Version': '', content: '{}' }],
    ['without content', 'PUT', {}],
    ['with a header twice', 'PUT', { content: '{}', authorization: 'Basic abc' }],
    ['with a header that breaks lines', 'PUT', { content: '{}', 'Content-Type': 'text/plain\r\nx: y' }],
    ['with a method that it does not have', 'PATCH', { content: '{}' }],
    ['with a parameter that is unknown', 'PUT', { content: '{}', since2: 'x' }],
  ])('%s is 400', async (_what, method, fields) => {
    const answer = await sendForm(method, statePath, { ...formHeaders(), ...ofState, ...fields });
    expect([answer.status, answer.body.error.message]).toEqual([400, expect.any(String)]);
  });

  test('a form that is none, or of very many fields, or with more parameters in the address, is 400', async () => {
    const known = { ...client.headers };
    expect((await sendForm('PUT', statePath, JSON.stringify(ofState), known)).status).toBe(400);
    const many = await sendForm('PUT', statePath, 'a&'.repeat(100_000), known);
    expect([many.status, many.body.error.code]).toEqual([400, 'BAD_FORM']);
    expect((await sendForm('PUT&stateId=x', statePath, { content: '{}' }, known)).status).toBe(400);
    expect((await sendForm('PUT&method=GET', statePath, { content: '{}' }, known)).status).toBe(400);
  });

  test('its credentials count as those of headers do', async () => {
    const form = { ...formHeaders(), Authorization: `Basic ${btoa('nobody:x')}`, ...ofState, content: '{}' };
    const refused = await sendForm('PUT', statePath, form);
    expect([refused.status, refused.headers.get('x-experience-api-version')]).toEqual([401, '1.0.3']);
  });
});

describe('a page of another site', () => {
  const origin = { origin: 'https://content.example' };

  test('is told what it may send, without a key', async () => {
    for (const path of ['/xapi/statements', statePath, '/xapi/about']) {
      const answer = await fetch(`${lrs.url}${path}`, {
        method: 'OPTIONS',
        headers: { ...origin, 'access-control-request-method': 'PUT' },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-methods')).toBe(answer.headers.get('allow'));
      for (const name of [
        'Authorization',
        'Content-Type',
        'If-Match',
        'If-None-Match',
        'X-Experience-API-Version',
      ])
        expect(answer.headers.get('access-control-allow-headers')).toContain(name);
    }
    expect((await fetch(`${lrs.url}/xapi/nothing`, { method: 'OPTIONS' })).status).toBe(404);
  });

  test('may read answers and refusals, with the headers that matter, and no credentials of the browser', async () => {
    await state().put('{}');
    for (const answer of [
      await client.send('GET', state().path, { headers: origin }),
      await client.send('GET', state().path, { headers: { ...origin, authorization: '' } }),
      await client.send('GET', '/xapi/nothing', { headers: origin }),
    ]) {
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      for (const name of [
        'ETag',
        'Last-Modified',
        'X-Experience-API-Version',
        'X-Experience-API-Consistent-Through',
        'X-Request-Id',
      ])
        expect(answer.headers.get('access-control-expose-headers')).toContain(name);
    }
    expect((await state().get()).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('that is led to a document by its address does not run it', async () => {
    await state().put('<script>1</script>', { 'content-type': 'text/html' });
    const { headers } = await state().get();
    expect(headers.get('content-security-policy')).toContain('sandbox');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('versions', () => {
  test.each([
    ['1.0', 204, '1.0.3'],
    ['1.0.1', 204, '1.0.3'],
    ['2.0.0', 409, '2.0.0'],
    ['', 400, '1.0.3'],
    ['0.95', 400, '2.0.0'],
    ['3.0.0', 400, '2.0.0'],
  ])('a request of %s is answered %i as of %s', async (version, status, answered) => {
    await state().put('{}', { 'if-match': '*' });
    const answer = await state().put('{}', { 'x-experience-api-version': version });
    expect([answer.status, answer.headers.get('x-experience-api-version')]).toEqual([status, answered]);
  });

  test('about tells those that are spoken, by HEAD too, and takes no parameter', async () => {
    const about = await fetch(`${lrs.url}/xapi/about`);
    expect(await about.json()).toEqual({ version: ['1.0.0', '1.0.1', '1.0.2', '1.0.3', '2.0.0'] });
    for (const version of ['1.0.3', '2.0.0']) {
      const headers = { 'x-experience-api-version': version };
      const head = await fetch(`${lrs.url}/xapi/about`, { method: 'HEAD', headers });
      expect([head.status, head.headers.get('x-experience-api-version')]).toEqual([200, version]);
    }
    expect((await fetch(`${lrs.url}/xapi/about?x=1`)).status).toBe(400);
    expect((await fetch(`${lrs.url}/xapi/about`, { method: 'POST' })).status).toBe(405);
  });
});

describe('scopes', () => {
  const cases = [
    ['all', [204, 200, 204, 200, 200]],
    ['state', [204, 200, 403, 403, 403]],
    ['profile', [403, 403, 204, 200, 403]],
    ['all/read', [403, 200, 403, 200, 200]],
    ['statements/read', [403, 403, 403, 403, 200]],
    ['statements/read/mine', [403, 403, 403, 403, 200]],
    ['statements/write', [403, 403, 403, 403, 403]],
    ['define', [403, 403, 403, 403, 403]],
  ] as const;

  test.each(cases)('%s opens what it says', async (scope, expected) => {
    await state().put('{}');
    for (const [, path, parameters] of resources.slice(1)) await remote(client, path, parameters).post('{}');
    const holder = await holderOf(scope);
    const [, [, profilePath, ofProfile], [, agentPath, ofAgent]] = resources;
    const own = remote(holder, statePath, ofState);
    const statuses = [
      (await own.put('{}')).status,
      (await own.get()).status,
      (await remote(holder, profilePath, ofProfile).post('{}')).status,
      (await remote(holder, agentPath, ofAgent).get()).status,
      (await holder.get('?limit=1')).status,
    ];
    expect(statuses).toEqual(expected);
    if (expected[0] === 403) expect((await own.delete()).body.error.code).toBe('FORBIDDEN');
    expect((await state().get()).status).toBe(200);
  });

  async function holderOf(scope: string): Promise<XapiClient> {
    return lrs.client('org_a', [scope]);
  }
});

async function inFlight(): Promise<number> {
  const metrics = await (await fetch(`${lrs.url}/metrics`)).text();
  return Number(/lyceum_xapi_in_flight_bytes{[^}]*} (\d+)/.exec(metrics)?.[1]);
}

const nothingIsHeld = () =>
  eventually(async () => {
    expect(await inFlight()).toBe(0);
  });

describe('hostile input', () => {
  test('a document beyond the limit is 413 with its own code, announced or not, and sent bit by bit or merged', async () => {
    const refused = await state().put('x'.repeat(limit + 1));
    expect([refused.status, refused.body.error.code]).toEqual([413, 'DOCUMENT_TOO_LARGE']);
    expect(refused.body.error.message).toContain(String(limit));
    const half = JSON.stringify({ a: 'x'.repeat(limit - 100) });
    await state().put(half);
    const merged = await state().post(JSON.stringify({ b: 'x'.repeat(200) }));
    expect([merged.status, merged.body.error.code]).toEqual([413, 'DOCUMENT_TOO_LARGE']);
    expect((await state().get()).text).toBe(half);
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 3; i += 1) controller.enqueue(Buffer.alloc(limit / 2, 'x'));
        controller.close();
      },
    });
    expect((await state().put(stream)).status).toBe(413);
    await nothingIsHeld();
  });

  test('a gigabyte that is announced is refused at once', async () => {
    const sending = request(`${lrs.url}${state().path}`, {
      method: 'PUT',
      headers: { ...client.headers, 'content-length': String(2 ** 30) },
    });
    sending.on('error', () => undefined);
    sending.write('x');
    const [answer] = (await once(sending, 'response')) as [{ statusCode: number }];
    expect(answer.statusCode).toBe(413);
    sending.destroy();
    await nothingIsHeld();
  });

  test('who stops in mid-body, or announces more than comes, changes nothing and holds nothing', async () => {
    await state().put('before');
    const sending = request(`${lrs.url}${state().path}`, {
      method: 'PUT',
      headers: { ...client.headers, 'content-length': '1000' },
    });
    sending.on('error', () => undefined);
    sending.write('x'.repeat(500));
    await eventually(async () => {
      expect(await inFlight()).toBe(500);
    });
    sending.destroy();
    await nothingIsHeld();
    expect((await state().get()).text).toBe('before');
  });

  test('a body that is longer than it announced is cut there, and what follows is no request', async () => {
    const { hostname, port } = new URL(lrs.url);
    const socket = connect(Number(port), hostname);
    const head = Object.entries({
      ...client.headers,
      host: 'x',
      'content-length': '4',
      'content-type': 'text/plain',
    });
    const lines = head.map(([name, value]) => `${name}: ${value}`).join('\r\n');
    socket.write(`PUT ${state().path} HTTP/1.1\r\n${lines}\r\n\r\nfourand more that is none\r\n\r\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const statuses = Buffer.concat(chunks)
      .toString()
      .match(/HTTP\/1.1 \d+/g);
    expect(statuses?.at(-1)).toBe('HTTP/1.1 400');
    await eventually(async () => {
      expect((await state().get()).text).toBe('four');
    });
  });

  test('a compressed body is refused', async () => {
    expect((await state().put('x', { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  test('who reads slowly holds what is bounded: others are asked to come again', async () => {
    await state().put(Buffer.alloc(limit));
    const slow = Array.from({ length: 20 }, () => slowReader());
    await eventually(async () => {
      expect(await inFlight()).toBeGreaterThan(0);
    });
    expect(await inFlight()).toBeLessThanOrEqual(1_048_576);
    for (const each of slow) each.destroy();
    await nothingIsHeld();
    await eventually(async () => {
      expect((await state().get()).status).toBe(200);
    });
  });

  test('a document that others write goes on being written where one of them goes away', async () => {
    const address = addressOf(statePath, { ...ofState, stateId: 'shared' });
    const merges = Array.from({ length: 20 }, (_, index) =>
      client.send('POST', address, { body: `{"k${String(index)}":1}` }),
    );
    const sending = request(`${lrs.url}${address}`, {
      method: 'POST',
      headers: { ...client.headers, 'content-type': 'application/json', 'content-length': '100' },
    });
    sending.on('error', () => undefined);
    sending.write('{');
    sending.destroy();
    expect((await Promise.all(merges)).map(({ status }) => status)).toEqual(merges.map(() => 204));
  });

  /** Asks many times over one connection, and reads no answer. */
  function slowReader() {
    const { hostname, port } = new URL(lrs.url);
    const socket = connect(Number(port), hostname);
    socket.pause();
    const lines = Object.entries({ ...client.headers, host: 'x' }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    socket.write(`GET ${state().path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`.repeat(100));
    return socket;
  }
});
