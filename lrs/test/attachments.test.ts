import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startLrs, type Lrs } from './kit/lrs.ts';
import {
  attachmentOf,
  attachmentPart,
  boundary,
  jsonPart,
  multipart,
  multipartType,
  readMultipartAnswer,
  sha2Of,
  type ReadPart,
  type TestPart,
} from './kit/multipart.ts';
import { statement } from './kit/statements.ts';
import type { XapiClient } from './kit/xapi-client.ts';

const limits = {
  XAPI_BODY_LIMIT: '20000',
  XAPI_ATTACHMENT_LIMIT: '3000000',
  XAPI_MULTIPART_LIMIT: '4000000',
  XAPI_ATTACHMENT_STORAGE: '10000000',
};

let lrs: Lrs;
let client: XapiClient;

beforeAll(async () => {
  lrs = await startLrs(limits);
  client = await lrs.client('org_a');
}, 60_000);
afterAll(() => lrs.stop());

function send(
  parts: readonly TestPart[],
  o: { by?: XapiClient; type?: string; method?: string; path?: string } = {},
) {
  const { by = client, type = multipartType, method = 'POST', path = '/xapi/statements' } = o;
  return by.send(method, path, { body: multipart(parts), headers: { 'content-type': type } });
}

/** A page or a statement with its attachments, once it is there. */
async function read(query: string, by: XapiClient = client): Promise<ReadPart[]> {
  return eventually(async () => {
    const response = await fetch(`${lrs.url}/xapi/statements?attachments=true&${query}`, {
      headers: by.headers,
    });
    expect(response.status).toBe(200);
    const type = response.headers.get('content-type') ?? '';
    expect(type).toMatch(/^multipart\/mixed; boundary=/);
    return readMultipartAnswer(type, new Uint8Array(await response.arrayBuffer()));
  });
}

const text = 'here is a simple attachment';

/** A statement with one attachment, of these bytes. */
function withAttachment(bytes: Uint8Array | string, changes: Record<string, unknown> = {}) {
  return statement({ attachments: [attachmentOf(bytes, changes)] });
}

/** The files that the store keeps of an organisation. */
function keptFiles(organisation: string): string[] {
  const directory = join(lrs.env['LYCEUM_DATA_DIR'] ?? '', 'attachments/kept', organisation);
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function incomingFiles(): string[] {
  return readdirSync(join(lrs.env['LYCEUM_DATA_DIR'] ?? '', 'attachments/incoming'));
}

describe('what comes in parts', () => {
  test('comes back in parts: the statement, then each attachment once, every byte', async () => {
    const bytes = randomBytes(300_000);
    const sent = statement({ attachments: [attachmentOf(bytes), attachmentOf(text), attachmentOf(bytes)] });
    const { status, body } = await send([jsonPart([sent]), attachmentPart(bytes), attachmentPart(text)]);
    expect([status, body]).toEqual([200, [sent['id']]]);
    const [first, ...attachments] = await read(`statementId=${String(sent['id'])}`);
    expect(first?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(JSON.parse(String(first?.bytes))).toMatchObject({
      id: sent['id'],
      attachments: sent['attachments'],
    });
    expect(
      attachments.map(({ headers, bytes: each }) => [headers['x-experience-api-hash'], sha2Of(each)]),
    ).toEqual([
      [sha2Of(bytes), sha2Of(bytes)],
      [sha2Of(text), sha2Of(text)],
    ]);
    expect(attachments[1]?.headers).toMatchObject({
      'content-type': 'text/plain',
      'content-transfer-encoding': 'binary',
      'content-length': '27',
    });
  });

  test('may be no attachment at all, or one by fileUrl, or both', async () => {
    const byUrl = { fileUrl: 'http://over.there/file.txt' };
    expect((await send([jsonPart([])])).status).toBe(200);
    expect((await send([jsonPart(statement())])).status).toBe(200);
    expect((await send([jsonPart(withAttachment(text, byUrl))])).status).toBe(200);
    const both = withAttachment('both ways', byUrl);
    expect((await send([jsonPart(both), attachmentPart('both ways')])).status).toBe(200);
    expect((await read(`statementId=${String(both['id'])}`))[1]?.bytes.toString()).toBe('both ways');
  });

  test('may be empty, long in many pieces, of another SHA-2, and of a SubStatement', async () => {
    const sha512 = sha2Of(text, 'sha512');
    const object = {
      ...statement({ id: undefined, attachments: [attachmentOf(text, { sha2: sha512.toUpperCase() })] }),
      objectType: 'SubStatement',
    };
    const sent = statement({ object, attachments: [attachmentOf('')] });
    const parts = [
      jsonPart(sent),
      attachmentPart(''),
      attachmentPart(text, { 'X-Experience-API-Hash': sha512 }),
    ];
    const whole = multipart(parts);
    const pieces = new Blob([whole]).stream() as never;
    const byByte = (async function* () {
      for (const byte of whole) yield Uint8Array.of(byte);
    })() as never;
    for (const body of [byByte, pieces]) {
      const answer = await client.send('POST', '/xapi/statements', {
        body,
        headers: { 'content-type': multipartType },
      });
      expect(answer.status).toBe(200);
    }
    const [, ...attachments] = await read(`statementId=${String(sent['id'])}`);
    expect(attachments.map(({ headers }) => headers['x-experience-api-hash'])).toEqual([sha2Of(''), sha512]);
  });

  test('may be put under an id of the address, and have no id of its own', async () => {
    const id = randomUUID();
    const put = await send([jsonPart(withAttachment(text, {})), attachmentPart(text)], {
      method: 'PUT',
      path: `/xapi/statements?statementId=${id}`,
    });
    expect(put.body.error.faults[0]?.path).toBe('id');
    const sent = { ...withAttachment(text), id: undefined };
    const path = `/xapi/statements?statementId=${id}`;
    expect((await send([jsonPart(sent), attachmentPart(text)], { method: 'PUT', path })).status).toBe(204);
    expect((await read(`statementId=${id}`))[1]?.bytes.toString()).toBe(text);
    const { body } = await send([jsonPart(sent), attachmentPart(text)]);
    expect((await read(`statementId=${String(body[0])}`))[1]?.bytes.toString()).toBe(text);
  });

  test('is there with pages and with what more leads to', async () => {
    const verb = { id: `http://example.com/${randomUUID()}` };
    const texts = ['one', 'two', 'three'];
    const sent = texts.map((each) => ({ ...withAttachment(each), verb }));
    await send([jsonPart(sent), ...texts.map((each) => attachmentPart(each))]);
    const query = `verb=${encodeURIComponent(verb.id)}&ascending=true&limit=2`;
    const [page, ...attachments] = await eventually(async () => {
      const parts = await read(query);
      expect(parts).toHaveLength(3);
      return parts;
    });
    expect(attachments.map(({ bytes }) => bytes.toString())).toEqual(['one', 'two']);
    const { more } = JSON.parse(String(page?.bytes)) as { more: string };
    const response = await fetch(`${lrs.url}${more}`, { headers: client.headers });
    const type = response.headers.get('content-type') ?? '';
    const further = await readMultipartAnswer(type, new Uint8Array(await response.arrayBuffer()));
    expect(further.map(({ bytes }) => bytes.toString())[1]).toBe('three');
    const without = await client.get(`?${query}`);
    expect(without.headers.get('content-type')).toBe('application/json');
    expect(without.text).not.toContain('attachments=true');
  });

  test('is of one organisation: another with the same hash sees its own, or none', async () => {
    const other = await lrs.client('org_b');
    const sent = withAttachment('of a alone');
    await send([jsonPart(sent), attachmentPart('of a alone')]);
    const same = withAttachment('of a alone', { fileUrl: 'http://over.there/file.txt' });
    expect((await send([jsonPart(same)], { by: other })).status).toBe(200);
    expect(await read(`statementId=${String(same['id'])}`, other)).toHaveLength(1);
    expect(keptFiles('org_b')).toEqual([]);
  });

  test('is not in the body of HEAD', async () => {
    const sent = withAttachment(text);
    await send([jsonPart(sent), attachmentPart(text)]);
    await read(`statementId=${String(sent['id'])}`);
    const {
      status,
      headers,
      text: body,
    } = await client.send('HEAD', `/xapi/statements?attachments=true&statementId=${String(sent['id'])}`);
    expect([status, body]).toEqual([200, '']);
    expect(headers.get('content-type')).toMatch(/^multipart\/mixed/);
  });
});

describe('what is refused names the part, and nothing of it is kept', () => {
  const other = 'here is another attachment';
  const both = () => statement({ attachments: [attachmentOf(`${text}!`), attachmentOf(`${other}!`)] });
  const one = () => withAttachment(`${text}!`);
  const part = (changes: Record<string, string> = {}) => attachmentPart(`${text}!`, changes);
  const wrong = (bytes: string) => attachmentPart(bytes, { 'X-Experience-API-Hash': sha2Of(`${text}!`) });

  const cases: [name: string, path: string, parts: () => TestPart[]][] = [
    ['no part of an attachment', 'attachments[1]', () => [jsonPart(both()), part()]],
    ['no part of one in a batch', '[1].attachments[1]', () => [jsonPart([one(), both()]), part()]],
    ['no part at all', 'attachments[0]', () => [jsonPart(one())]],
    [
      'a part without an attachment',
      'parts[2].X-Experience-API-Hash',
      () => [jsonPart(one()), part(), attachmentPart(other)],
    ],
    [
      'a part without a hash',
      'parts[1].X-Experience-API-Hash',
      () => [jsonPart(one()), part({ 'X-Experience-API-Hash': '' })],
    ],
    ['other bytes of the same length', 'parts[1]', () => [jsonPart(one()), wrong(`${text}?`)]],
    ['fewer bytes', 'parts[1]', () => [jsonPart(one()), wrong(text)]],
    ['more bytes', 'parts[1]', () => [jsonPart(one()), wrong(`${text}!!`)]],
    ['another type', 'parts[1].Content-Type', () => [jsonPart(one()), part({ 'Content-Type': 'image/png' })]],
    [
      'another length in the header',
      'parts[1].Content-Length',
      () => [jsonPart(one()), part({ 'Content-Length': '3' })],
    ],
    [
      'base64',
      'parts[1].Content-Transfer-Encoding',
      () => [jsonPart(one()), part({ 'Content-Transfer-Encoding': 'base64' })],
    ],
    [
      'no encoding',
      'parts[1].Content-Transfer-Encoding',
      () => [jsonPart(one()), part({ 'Content-Transfer-Encoding': '' })],
    ],
    [
      'statements of another type',
      'parts[0].Content-Type',
      () => [{ headers: { 'Content-Type': 'text/plain' }, body: JSON.stringify(one()) }, part()],
    ],
    [
      'statements in two parts',
      'parts[1].X-Experience-API-Hash',
      () => [jsonPart(one()), jsonPart(one()), part()],
    ],
  ];

  test.each(cases)('%s', async (_name, path, parts) => {
    const { status, body } = await send(parts());
    expect([status, body.error.code, body.error.faults[0]?.path]).toEqual([400, 'INVALID_MULTIPART', path]);
    expect(incomingFiles()).toEqual([]);
    expect(keptFiles('org_a')).not.toContain(sha2Of(`${text}!`));
  });

  const bodies: [name: string, code: string, type: string, body: string][] = [
    ['no boundary', 'BOUNDARY_MISSING', 'multipart/mixed;', '--a--'],
    [
      'a boundary that is too long',
      'BOUNDARY_MISSING',
      `multipart/mixed; boundary=${'a'.repeat(71)}`,
      '--a--',
    ],
    [
      'another boundary',
      'INVALID_MULTIPART',
      'multipart/mixed; boundary=b',
      multipart([jsonPart([])], 'a').toString(),
    ],
    [
      'a boundary that goes on',
      'INVALID_MULTIPART',
      'multipart/mixed; boundary=a',
      multipart([jsonPart([])], 'ab').toString(),
    ],
    [
      'a body that only begins',
      'INVALID_MULTIPART',
      'multipart/mixed; boundary=a',
      '--a\r\nContent-Type: application/json\r\n\r\n[]',
    ],
    ['no parts', 'INVALID_MULTIPART', 'multipart/mixed; boundary=a', '--a--'],
    ['nothing', 'INVALID_MULTIPART', 'multipart/mixed; boundary=a', ''],
    [
      'a part that ends within its headers',
      'INVALID_MULTIPART',
      'multipart/mixed; boundary=a',
      '--a\r\nContent-Type: application/json\r\n--a--\r\n\r\n',
    ],
    [
      'headers without end',
      'INVALID_MULTIPART',
      'multipart/mixed; boundary=a',
      `--a\r\n${'x: y\r\n'.repeat(4_000)}`,
    ],
    ['no JSON', 'NOT_JSON', 'multipart/mixed; boundary=a', multipart([jsonPart('{')], 'a').toString()],
    ['a form', 'CONTENT_TYPE', 'multipart/form-data; boundary=a', multipart([jsonPart([])], 'a').toString()],
  ];

  test.each(bodies)('%s', async (_name, code, type, body) => {
    const answer = await client.send('POST', '/xapi/statements', { body, headers: { 'content-type': type } });
    expect([answer.status, answer.body.error.code]).toEqual([400, code]);
  });

  test('in JSON alone an attachment needs a fileUrl, though the store has its bytes', async () => {
    await send([jsonPart(withAttachment(text)), attachmentPart(text)]);
    const { status, body } = await client.post(withAttachment(text));
    expect([status, body.error.faults[0]?.path]).toEqual([400, 'attachments[0]']);
    expect((await send([jsonPart(withAttachment(text))])).status).toBe(400);
  });
});

describe('limits', () => {
  test.each<[string, string, number[]]>([
    ['one attachment', 'ATTACHMENT_TOO_LARGE', [3_000_001]],
    ['one of several', 'ATTACHMENT_TOO_LARGE', [1, 3_000_001]],
    ['all of a request', 'BODY_TOO_LARGE', [2_500_000, 2_500_001]],
  ])('of %s', async (_name, code, sizes) => {
    const all = sizes.map((size) => Buffer.alloc(size, 'x'));
    const sent = statement({ attachments: all.map((each) => attachmentOf(each)) });
    const { status, body } = await send([jsonPart(sent), ...all.map((each) => attachmentPart(each))]);
    expect([status, body.error.code]).toEqual([413, code]);
    expect(incomingFiles()).toEqual([]);
  });

  test('of one attachment that says it was smaller', async () => {
    const bytes = Buffer.alloc(3_000_001);
    const { status, body } = await send([
      jsonPart(withAttachment(bytes, { length: 1 })),
      attachmentPart(bytes),
    ]);
    expect([status, body.error.code]).toEqual([413, 'ATTACHMENT_TOO_LARGE']);
    expect(body.error.message).toContain('parts[1]');
    expect(incomingFiles()).toEqual([]);
  });

  test('of the statements among them, and of all when nobody said how long it is', async () => {
    const long = statement({ result: { response: 'x'.repeat(20_000) } });
    expect((await send([jsonPart(long)])).body.error.code).toBe('BODY_TOO_LARGE');
    const many = Array.from({ length: 3 }, (_, index) => Buffer.alloc(2_000_000, String(index)));
    const whole = multipart([
      jsonPart(statement({ attachments: many.map((each) => attachmentOf(each)) })),
      ...many.map((each) => attachmentPart(each)),
    ]);
    for (const body of [whole, Buffer.alloc(5_000_000, 'a preamble')]) {
      const inChunks = new Blob([body]).stream() as never;
      const headers = { 'content-type': multipartType };
      const answer = await client.send('POST', '/xapi/statements', { body: inChunks, headers });
      expect([answer.status, answer.body.error.code]).toEqual([413, 'BODY_TOO_LARGE']);
    }
    expect(incomingFiles()).toEqual([]);
  });

  test('of an organisation: each attachment counts once, another organisation has its own', async () => {
    const full = await lrs.client('org_full');
    const large = (seed: string) => Buffer.alloc(2_900_000, seed);
    const keep = (bytes: Buffer, by: XapiClient) =>
      send([jsonPart(withAttachment(bytes)), attachmentPart(bytes)], { by });
    for (const seed of ['a', 'b', 'c', 'a']) expect((await keep(large(seed), full)).status).toBe(200);
    const { status, body } = await keep(large('d'), full);
    expect([status, body.error.code]).toEqual([413, 'ATTACHMENT_STORAGE_FULL']);
    expect(keptFiles('org_full')).toHaveLength(3);
    expect((await keep(large('a'), full)).status).toBe(200);
    expect((await keep(large('d'), await lrs.client('org_other'))).status).toBe(200);
  });

  test('of an organisation, when many come at once', async () => {
    const racing = await lrs.client('org_racing');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => {
        const bytes = Buffer.alloc(2_000_000, String(index));
        return send([jsonPart(withAttachment(bytes)), attachmentPart(bytes)], { by: racing });
      }),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(keptFiles('org_racing')).toHaveLength(5);
  });
});

test('a client that goes away in the middle leaves nothing, and its memory is given back', async () => {
  const bytes = randomBytes(1_000_000);
  const whole = multipart([jsonPart(withAttachment(bytes)), attachmentPart(bytes)]);
  const going = new AbortController();
  const half = (async function* () {
    yield whole.subarray(0, 500_000);
    await eventually(() => {
      expect(incomingFiles()).not.toEqual([]);
    });
    going.abort();
  })();
  await fetch(`${lrs.url}/xapi/statements`, {
    method: 'POST',
    headers: { ...client.headers, 'content-type': `multipart/mixed; boundary="${boundary}"` },
    body: half as never,
    duplex: 'half',
    signal: going.signal,
  }).catch(() => undefined);
  await eventually(async () => {
    expect(incomingFiles()).toEqual([]);
    expect(await (await fetch(`${lrs.url}/metrics`)).text()).toMatch(
      /lyceum_xapi_in_flight_bytes(?:{[^}]*})? 0\n/,
    );
  });
});
