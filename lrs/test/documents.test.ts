import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activity, addressOf, etagOf, remote, resources, type Remote } from './kit/documents.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import type { XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let client: XapiClient;
let other: XapiClient;
let made = 0;

beforeAll(async () => {
  lrs = await startLrs();
  client = await lrs.client('org_a');
  other = await lrs.client('org_b');
}, 60_000);

afterAll(async () => {
  await lrs.stop();
});

const second = { 'x-experience-api-version': '2.0.0' };

/** A document that no other test has. */
function fresh(path: string, parameters: Record<string, string>, by = client): Remote {
  made += 1;
  const id = 'stateId' in parameters ? 'stateId' : 'profileId';
  return remote(by, path, { ...parameters, [id]: `document ${String(made)}` });
}

describe.each(resources)('the %s resource', (name, path, parameters) => {
  test('keeps any bytes and their type exactly, and says their SHA-1, and when they were changed', async () => {
    const document = fresh(path, parameters);
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    const type = 'image/png; name="A B"';
    const put = await document.put(bytes, { 'content-type': type, 'if-none-match': '*' });
    expect([put.status, put.text, put.headers.get('x-experience-api-version')]).toEqual([204, '', '1.0.3']);
    const response = await fetch(`${lrs.url}${document.path}`, { headers: client.headers });
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('etag')).toBe(etagOf(bytes));
    expect(Date.now() - Date.parse(response.headers.get('last-modified') ?? '')).toBeLessThan(60_000);
    const head = await client.send('HEAD', document.path);
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', '70000']);
    expect(head.headers.get('etag')).toBe(etagOf(bytes));
  });

  test('takes an empty document, and one without a type', async () => {
    const document = fresh(path, parameters);
    const anew = { 'if-none-match': '*' };
    expect((await document.put('', { 'content-type': 'text/plain', ...anew })).status).toBe(204);
    const found = await document.get();
    expect([found.status, found.text, found.headers.get('etag')]).toEqual([200, '', etagOf('')]);
    expect((await document.delete()).status).toBe(204);
    expect((await document.get()).status).toBe(404);
    expect((await document.put(new Uint8Array([1]), { 'content-type': '', ...anew })).status).toBe(204);
    expect((await document.get()).headers.get('content-type')).toBe('application/octet-stream');
  });

  test('answers 404 for what is not there, and 204 to who deletes it', async () => {
    const document = fresh(path, parameters);
    expect((await document.get()).body.error.code).toBe('NOT_FOUND');
    expect((await document.delete()).status).toBe(204);
  });

  test('replaces where If-Match is its ETag, in any way of writing it, and else changes nothing', async () => {
    const document = fresh(path, parameters);
    await document.post('{"at":1}');
    const refused = await document.put('{"at":2}', { 'if-match': '"1234"' });
    expect([refused.status, refused.body.error.code]).toEqual([412, 'PRECONDITION_FAILED']);
    expect((await document.put('{"at":2}', { 'if-match': `W/${etagOf('{"at":1}')}` })).status).toBe(412);
    expect((await document.post('{"at":2}', { 'if-match': '"1234"' })).status).toBe(412);
    expect((await document.delete({ 'if-match': '"1234"' })).status).toBe(412);
    expect((await document.put('{"at":2}', { 'if-none-match': '*' })).status).toBe(412);
    expect((await document.get()).text).toBe('{"at":1}');
    for (const tag of [etagOf('{"at":1}'), etagOf('{"at":1}').toUpperCase().slice(1, -1)]) {
      expect((await document.put('{"at":2}', { 'if-match': `"0", ${tag}` })).status).toBe(204);
      expect((await document.put('{"at":1}', { 'if-match': '*' })).status).toBe(204);
    }
    expect((await document.delete({ 'if-match': etagOf('{"at":1}') })).status).toBe(204);
    expect((await document.put('{}', { 'if-match': '*' })).status).toBe(412);
    expect((await document.put('{}', { 'if-match': ' , ' })).body.error.code).toBe('BAD_HEADER');
  });

  test('answers 304 to who has it already, and 412 to who wants another', async () => {
    const document = fresh(path, parameters);
    await document.post('{}');
    const known = await document.get({ 'if-none-match': `"1", W/${etagOf('{}')}` });
    expect([known.status, known.text, known.headers.get('etag')]).toEqual([304, '', etagOf('{}')]);
    expect((await document.get({ 'if-none-match': '"1"' })).status).toBe(200);
    expect((await document.get({ 'if-match': '"1"' })).status).toBe(412);
  });

  test('a PUT that does not say which version it replaces is refused and changes nothing, but of state in 1.0.3', async () => {
    const document = fresh(path, parameters);
    const isState = name === 'state';
    expect((await document.put('0')).status).toBe(isState ? 204 : 400);
    await document.delete();
    expect((await document.put('1', second)).status).toBe(204);
    expect((await document.put('2', second)).status).toBe(409);
    const refused = await document.put('2');
    expect(refused.status).toBe(isState ? 204 : 409);
    expect((await document.get()).text).toBe(isState ? '2' : '1');
    if (isState) return;
    expect(refused.body.error.code).toBe('DOCUMENT_EXISTS');
    expect(refused.body.error.message).toContain(etagOf('1'));
  });

  test('merges the outermost members of two objects by POST, as texts', async () => {
    const document = fresh(path, parameters);
    await document.post('{ "a": 12345678901234567890.10, "b": {"x": 1, "y": 2} }');
    const posted = '{"__proto__": {"admin": true}, "b": {"z": "\\u00fc"}, "constructor": null}';
    expect((await document.post(posted, { 'content-type': 'application/json;charset=utf-8' })).status).toBe(
      204,
    );
    const merged =
      '{"a": 12345678901234567890.10,"b": {"z": "\\u00fc"},"__proto__": {"admin": true},"constructor": null}';
    const found = await document.get();
    expect([found.text, found.headers.get('etag')]).toEqual([merged, etagOf(merged)]);
    expect(found.headers.get('content-type')).toBe('application/json');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test.each([
    ['what was sent is no object', '{}', '[]', 'application/json'],
    ['what was sent is no JSON', '{}', '{"a":', 'application/json'],
    [
      'what was sent is no UTF-8',
      '{}',
      new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      'application/json',
    ],
    ['what was sent says another type', '{}', '{}', 'text/plain'],
    ['what is there is no object', '7', '{}', 'application/json'],
    [
      'what was sent nests without an end',
      '{}',
      `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      'application/json',
    ],
  ])('a POST where %s is 400 and changes nothing', async (_why, there, posted, type) => {
    const document = fresh(path, parameters);
    await document.put(there, { 'if-none-match': '*' });
    const refused = await document.post(posted, { 'content-type': type });
    expect([refused.status, refused.body.error.code]).toEqual([400, 'NOT_MERGEABLE']);
    expect((await document.get()).text).toBe(there);
  });

  test('a POST where nothing is, is a PUT, of whatever type', async () => {
    const document = fresh(path, parameters);
    expect((await document.post('just text', { 'content-type': 'text/plain' })).status).toBe(204);
    expect((await document.get()).text).toBe('just text');
    expect((await document.post('{}')).body.error.code).toBe('NOT_MERGEABLE');
    expect((await fresh(path, parameters).post('{"a":1}[')).body.error.code).toBe('NOT_MERGEABLE');
  });

  test('of two writers with the same ETag exactly one wins', async () => {
    const document = fresh(path, parameters);
    await document.post('{"round":0}');
    for (let round = 1; round <= 10; round += 1) {
      const { headers } = await document.get();
      const match = { 'if-match': headers.get('etag') ?? '' };
      const writers = Array.from({ length: 8 }, (_, writer) =>
        document.put(JSON.stringify({ round, writer }), match),
      );
      const statuses = (await Promise.all(writers)).map(({ status }) => status).sort();
      expect(statuses).toEqual([204, ...Array.from({ length: 7 }, () => 412)]);
    }
  });

  test('of many that make it with If-None-Match exactly one does', async () => {
    const document = fresh(path, parameters);
    const makers = Array.from({ length: 10 }, (_, maker) =>
      document.put(String(maker), { 'if-none-match': '*' }),
    );
    const statuses = (await Promise.all(makers)).map(({ status }) => status).sort();
    expect(statuses).toEqual([204, ...Array.from({ length: 9 }, () => 412)]);
  });

  test('of many merges at once none is lost', async () => {
    const document = fresh(path, parameters);
    const merges = Array.from({ length: 60 }, (_, index) =>
      document.post(`{"k${String(index)}":${String(index)}}`),
    );
    expect(new Set((await Promise.all(merges)).map(({ status }) => status))).toEqual(new Set([204]));
    expect(Object.keys(JSON.parse((await document.get()).text) as object)).toHaveLength(60);
  });

  test('is of one organisation alone', async () => {
    const document = fresh(path, parameters);
    await document.post('{"mine":1}');
    const theirs = {
      ...document,
      ...remote(other, document.path.split('?')[0] ?? '', parametersOf(document)),
    };
    expect((await theirs.get()).status).toBe(404);
    expect((await theirs.put('{}', { 'if-match': '*' })).status).toBe(412);
    expect((await theirs.delete()).status).toBe(204);
    expect((await theirs.put('{"theirs":1}', { 'if-none-match': '*' })).status).toBe(204);
    expect((await document.get()).text).toBe('{"mine":1}');
    const list = await other.send('GET', withoutId(document.path));
    expect(JSON.parse(list.text)).not.toContain('document 1');
  });

  test('refuses what it does not know of parameters, methods and versions', async () => {
    const { path: address } = fresh(path, parameters);
    const bad = async (suffix: string) => (await client.send('GET', address + suffix)).body.error.code;
    expect(await bad('&other=1')).toBe('BAD_PARAMETER');
    expect(await bad(`&${name === 'agent profile' ? 'Agent' : 'ActivityId'}=1`)).toBe('BAD_PARAMETER');
    expect(await bad(address.replace(/^[^?]*\?/, '&'))).toBe('BAD_PARAMETER');
    expect(await bad('&since=2026-01-01T00:00:00Z')).toBe('BAD_PARAMETER');
    for (const name of Object.keys(parameters)) {
      const { [name]: _left, ...rest } = parameters as Record<string, string>;
      const put = await client.send('PUT', addressOf(path, rest), { body: '{}' });
      expect([name, put.status, put.body.error.code]).toEqual([name, 400, 'BAD_PARAMETER']);
    }
    const patch = await client.send('PATCH', address, { body: '{}' });
    expect([patch.status, patch.headers.get('allow')]).toEqual([405, 'HEAD, GET, POST, PUT, DELETE']);
    expect((await client.send('GET', address, { headers: { 'x-experience-api-version': '' } })).status).toBe(
      400,
    );
  });
});

const parametersOf = ({ path }: Remote) =>
  Object.fromEntries(new URLSearchParams(path.slice(path.indexOf('?'))));

function withoutId(address: string): string {
  const [path = '', query] = address.split('?');
  const { stateId: _state, profileId: _profile, ...rest } = Object.fromEntries(new URLSearchParams(query));
  return addressOf(path, rest);
}

const [[, statePath, ofState]] = resources;

describe('parameters', () => {
  test.each([
    ['agent', '{"mbox":"mailto:a@b.example","openid":"http://a.example"}'],
    ['agent', '{"objectType":"Group","mbox":"mailto:a@b.example"}'],
    ['agent', '{"name":"nobody"}'],
    ['agent', '{"account":{"homePage":"http://a.example","name":"a\\u0000b"}}'],
    ['agent', 'ada'],
    ['agent', 'null'],
    ['activityId', 'not an IRI'],
    ['registration', 'not-a-uuid'],
    ['stateId', ''],
    ['stateId', 'a\0b'],
    ['stateId', 'x'.repeat(1_001)],
  ])('%s that is %s is refused', async (name, value) => {
    const { status, body } = await remote(client, statePath, { ...ofState, [name]: value }).put('{}');
    expect([status, body.error.code]).toEqual([400, 'BAD_PARAMETER']);
    expect(body.error.message).toContain('Communication 2.3');
  });

  test.each(['yesterday', '0001-01-01T00:00:00Z', '2026-13-01T00:00:00Z'])(
    'since %s is refused',
    async (since) => {
      const { stateId: _id, ...rest } = ofState;
      expect((await remote(client, statePath, { ...rest, since }).get()).status).toBe(400);
    },
  );

  test('agents are compared by their identifier, whatever else is said of them', async () => {
    const account = { homePage: 'http://lyceum.example', name: 'user_é' };
    const [plain, named] = [{ account }, { objectType: 'Agent', name: 'É', account }].map((agent) =>
      remote(client, statePath, { ...ofState, agent: JSON.stringify(agent) }),
    );
    await plain?.put('é');
    expect((await named?.get())?.text).toBe('é');
  });

  test('the longest id, activity and account are taken', async () => {
    const long = 'x'.repeat(3_000);
    const document = remote(client, statePath, {
      activityId: `http://lyceum.example/${long}`,
      agent: JSON.stringify({ account: { homePage: 'http://lyceum.example', name: long } }),
      stateId: 'é'.repeat(500),
    });
    expect((await document.put('{}')).status).toBe(204);
    expect((await document.get()).text).toBe('{}');
  });
});

describe('a context', () => {
  const registration = '0190c5a4-3a5e-7cc4-b6d0-6b8a8c9c3a01';
  const contextOf = (name: string, more: Record<string, string> = {}) => ({
    activityId: `${activity}/${name}`,
    agent: ofState.agent,
    ...more,
  });
  const idsOf = async (parameters: Record<string, string>) =>
    JSON.parse((await remote(client, statePath, parameters).get()).text) as string[];

  test('lists its ids in order, those changed after an instant alone, and says when the newest was', async () => {
    const context = contextOf('lists');
    expect(await idsOf(context)).toEqual([]);
    for (const stateId of ['b', 'a', 'ä', 'Z'])
      await remote(client, statePath, { ...context, stateId }).put('{}');
    expect(await idsOf(context)).toEqual(['Z', 'a', 'b', 'ä']);
    const row = await lrsDatabaseTime();
    await remote(client, statePath, { ...context, stateId: 'b' }).post('{"more":1}');
    expect(await idsOf({ ...context, since: row })).toEqual(['b']);
    const list = await remote(client, statePath, context).get();
    expect(list.headers.get('last-modified')).toBe(
      (await remote(client, statePath, { ...context, stateId: 'b' }).get()).headers.get('last-modified'),
    );
    const head = await client.send('HEAD', remote(client, statePath, context).path);
    expect([head.status, head.text]).toEqual([200, '']);
  });

  test('with a registration is another than without, for reading, listing and deleting', async () => {
    const without = contextOf('registration', { stateId: 'place' });
    const withOne = { ...without, registration };
    await remote(client, statePath, without).put('without');
    await remote(client, statePath, withOne).put('with');
    expect(
      (await remote(client, statePath, { ...withOne, registration: registration.toUpperCase() }).get()).text,
    ).toBe('with');
    await remote(client, statePath, contextOf('registration')).delete();
    expect((await remote(client, statePath, without).get()).status).toBe(404);
    expect((await remote(client, statePath, withOne).get()).text).toBe('with');
    await remote(client, statePath, contextOf('registration', { registration })).delete();
    expect(await idsOf(contextOf('registration', { registration }))).toEqual([]);
  });

  test('a whole one is deleted of state alone', async () => {
    for (const [, path, { ...parameters }] of resources.slice(1)) {
      const { profileId: _id, ...context } = parameters as Record<string, string>;
      expect((await remote(client, path, context).delete()).body.error.code).toBe('BAD_PARAMETER');
    }
  });

  test('of very many lists them all, in pieces', async () => {
    const context = contextOf('many');
    for (let round = 0; round < 23; round += 1) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          remote(client, statePath, { ...context, stateId: `${String(round)} "${String(index)}"` }).put(''),
        ),
      );
    }
    const ids = await idsOf(context);
    expect(new Set(ids).size).toBe(2_300);
    expect(ids).toEqual([...ids].sort());
  }, 60_000);
});

/** The server's own time, as documents are stamped. */
async function lrsDatabaseTime(): Promise<string> {
  const marker = remote(client, statePath, { ...ofState, stateId: 'marker' });
  await marker.put('{}');
  return new Date().toISOString();
}
