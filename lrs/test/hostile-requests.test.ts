import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startLrs, type Lrs } from './kit/lrs.ts';
import {
  attachmentOf,
  attachmentPart,
  boundary,
  jsonPart,
  multipart,
  multipartType,
  sha2Of,
} from './kit/multipart.ts';
import { statement, statements } from './kit/statements.ts';
import type { XapiAnswer, XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let client: XapiClient;

beforeAll(async () => {
  lrs = await startLrs({ XAPI_MULTIPART_LIMIT: '8000000', XAPI_ATTACHMENT_LIMIT: '4000000' });
  client = await lrs.client('org_a');
}, 60_000);
afterAll(() => lrs.stop());

/** Whatever came, the next request is answered, and nothing of the last one is held or left. */
afterEach(async () => {
  const sent = statement({ attachments: [attachmentOf('well')] });
  expect((await post(multipart([jsonPart(sent), attachmentPart('well')]))).status).toBe(200);
  await eventually(async () => {
    const metrics = await (await fetch(`${lrs.url}/metrics`)).text();
    expect(metrics).toMatch(/lyceum_xapi_in_flight_bytes(?:{[^}]*})? 0\n/);
    expect(readdirSync(join(lrs.env['LYCEUM_DATA_DIR'] ?? '', 'attachments/incoming'))).toEqual([]);
  });
});

type Body = NonNullable<RequestInit['body']>;

function post(body: Body, type = multipartType, headers: Record<string, string> = {}): Promise<XapiAnswer> {
  return client.send('POST', '/xapi/statements', {
    body,
    headers: { 'content-type': type, ...headers },
  });
}

const refused = [400, 413, 415];

describe('made by chance, the same chance each time', () => {
  const attachments = ['', 'a text', `\r\n--${boundary}`.slice(0, 9), '--', 'x'.repeat(70_000)];
  const whole = multipart([
    jsonPart(statements(2, { id: undefined, attachments: attachments.map((each) => attachmentOf(each)) })),
    ...attachments.map((each) => attachmentPart(each)),
  ]);

  /** Cuts, repeats, and bytes that are others. */
  const damage = fc.record({
    at: fc.nat(whole.length - 1),
    length: fc.oneof(fc.nat(40), fc.nat(whole.length)),
    with: fc.oneof(
      fc.constant(Buffer.alloc(0)),
      fc
        .constantFrom('\r\n', '--', `--${boundary}`, `\r\n--${boundary}--`, ':', '\0', '"__proto__":')
        .map((each) => Buffer.from(each)),
      fc.uint8Array({ maxLength: 20 }).map((each) => Buffer.from(each)),
    ),
  });

  const damaged = fc
    .array(damage, { minLength: 1, maxLength: 3 })
    .map((all) =>
      all.reduce(
        (body, { at, length, with: other }) =>
          Buffer.concat([body.subarray(0, at), other, body.subarray(at + length)]),
        whole,
      ),
    );

  test('a body in parts is accepted whole or refused, never more than that', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, async (body) => {
        const { status, body: answer } = await post(body);
        expect([200, ...refused]).toContain(status);
        if (status !== 200) expect(answer.error.code).toEqual(expect.any(String));
      }),
      { seed: 20261128, numRuns: 120, endOnFailure: true },
    );
  }, 150_000);

  test('so is one of JSON, of any type that it says it has', async () => {
    const json = Buffer.from(JSON.stringify(statements(3)));
    const types = fc.constantFrom(
      'application/json',
      'application/json; charset=latin1',
      'multipart/mixed; boundary={',
      'multipart/mixed; boundary="',
      'multipart/mixed; boundary="a\\"b"',
      'text/plain',
    );
    const body = fc
      .tuple(fc.nat(json.length), fc.nat(20), fc.uint8Array({ maxLength: 10 }))
      .map(([at, length, bytes]) =>
        Buffer.concat([json.subarray(0, at), Buffer.from(bytes), json.subarray(at + length)]),
      );
    await fc.assert(
      fc.asyncProperty(body, types, async (bytes, type) => {
        expect([200, ...refused]).toContain((await post(bytes, type)).status);
      }),
      { seed: 20261128, numRuns: 80, endOnFailure: true },
    );
  }, 60_000);
});

describe('made on purpose', () => {
  const deep = `[${'['.repeat(10_000)}${']'.repeat(10_000)}]`;
  const proto = JSON.stringify(statement()).replace('{', '{"__proto__":{"polluted":true},');
  const one = statement({ attachments: [attachmentOf('x')] });

  const cases: [name: string, code: string, body: Buffer, headers?: Record<string, string>][] = [
    ['10,000 levels in the first part', 'TOO_DEEP', multipart([jsonPart(deep)])],
    ['__proto__ in the first part', 'INVALID_STATEMENT', multipart([jsonPart(proto)])],
    [
      'a hash called __proto__',
      'INVALID_MULTIPART',
      multipart([jsonPart(one), attachmentPart('x', { 'X-Experience-API-Hash': '__proto__' })]),
    ],
    [
      'a header called __proto__',
      'INVALID_MULTIPART',
      multipart([jsonPart(one), { headers: { ['__proto__']: 'x', constructor: 'y' }, body: 'x' }]),
    ],
    [
      'a sha2 called constructor',
      'INVALID_STATEMENT',
      multipart([jsonPart(statement({ attachments: [attachmentOf('x', { sha2: 'constructor' })] }))]),
    ],
    [
      'a path for a hash',
      'INVALID_STATEMENT',
      multipart([
        jsonPart(statement({ attachments: [attachmentOf('x', { sha2: '../../../../etc/passwd' })] })),
      ]),
    ],
    ['a gzip bomb', 'CONTENT_ENCODING', gzipSync(Buffer.alloc(10_000_000)), { 'content-encoding': 'gzip' }],
    [
      '10,000 parts too many',
      'INVALID_MULTIPART',
      multipart([jsonPart(one), ...Array.from({ length: 10_000 }, () => attachmentPart('y'))]),
    ],
    ['a preamble without end', 'BODY_TOO_LARGE', Buffer.alloc(9_000_000, '\r\n--')],
    ['a first part without end', 'BODY_TOO_LARGE', multipart([jsonPart(' '.repeat(4_000_000))])],
    [
      'half a boundary, over and over',
      'INVALID_MULTIPART',
      Buffer.alloc(5_000_000, `\r\n--${boundary.slice(0, 12)}`),
    ],
    [
      'an encoding of another kind',
      'INVALID_MULTIPART',
      multipart([
        jsonPart(one),
        attachmentPart('eA==', {
          'Content-Transfer-Encoding': 'base64',
          'X-Experience-API-Hash': sha2Of('x'),
        }),
      ]),
    ],
  ];

  test.each(cases)('%s', async (_name, code, body, headers = {}) => {
    const answer = await post(body, multipartType, headers);
    expect([refused.includes(answer.status), answer.body.error.code]).toEqual([true, code]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('the same part 1,000 times over, and 1,000 attachments, cost what they weigh', async () => {
    const same = multipart([jsonPart(one), ...Array.from({ length: 1_000 }, () => attachmentPart('x'))]);
    expect((await post(same)).status).toBe(200);
    const many = Array.from({ length: 1_000 }, (_, index) => `attachment ${String(index)}`);
    const sent = statement({ attachments: many.map((each) => attachmentOf(each)) });
    expect(
      (await post(multipart([jsonPart(sent), ...many.map((each) => attachmentPart(each))]))).status,
    ).toBe(200);
  }, 60_000);

  test('a third of a gigabyte, in parts that nobody asked for, takes no memory', async () => {
    const piece = Buffer.alloc(2 ** 20, 'x');
    const before = process.memoryUsage.rss();
    let most = before;
    const endless = (async function* () {
      yield multipart([jsonPart(one)]).subarray(0, -4);
      yield Buffer.from(
        `\r\nX-Experience-API-Hash: ${sha2Of('x')}\r\nContent-Transfer-Encoding: binary\r\n\r\n`,
      );
      for (let sent = 0; sent < 320; sent += 1) {
        most = Math.max(most, process.memoryUsage.rss());
        yield piece;
      }
    })() as never;
    const { status } = await post(endless).catch(() => ({ status: 0 }));
    expect([0, 413]).toContain(status);
    expect(most - before).toBeLessThan(150 * 2 ** 20);
  }, 60_000);
});
