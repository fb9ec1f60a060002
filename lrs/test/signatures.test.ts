import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CompactSign, type CompactJWSHeaderParameters } from 'jose';
import { eventually } from '@lyceum/testing';
import { selfSigned } from './kit/certificate.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { attachmentOf, attachmentPart, jsonPart, multipart, multipartType } from './kit/multipart.ts';
import { statement } from './kit/statements.ts';
import type { XapiAnswer, XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let client: XapiClient;
const { privateKey, x5c } = selfSigned();
const another = selfSigned();

beforeAll(async () => {
  lrs = await startLrs();
  client = await lrs.client('org_a');
}, 60_000);
afterAll(() => lrs.stop());

const usageType = 'http://adlnet.gov/expapi/attachments/signature';
const octets = 'application/octet-stream';

function signed(
  payload: unknown,
  header: Partial<CompactJWSHeaderParameters> = {},
  key = privateKey,
): Promise<string> {
  const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return new CompactSign(bytes).setProtectedHeader({ alg: 'RS256', ...header }).sign(key);
}

/** Sends a statement with a signature, whatever that is. */
function send(
  sent: Record<string, unknown>,
  signature: string,
  { contentType = octets, version = '1.0.3' } = {},
): Promise<XapiAnswer> {
  const attachments = [attachmentOf('other'), attachmentOf(signature, { usageType, contentType })];
  const parts = [
    jsonPart({ ...sent, attachments }),
    attachmentPart('other'),
    attachmentPart(signature, { 'Content-Type': contentType }),
  ];
  return client.send('POST', '/xapi/statements', {
    body: multipart(parts),
    headers: { 'content-type': multipartType, 'x-experience-api-version': version },
  });
}

describe('a signed statement is accepted', () => {
  test.each(['RS256', 'RS384', 'RS512'])('by %s, with its certificate and without', async (alg) => {
    const sent = statement();
    expect((await send(sent, await signed(sent, { alg }))).status).toBe(200);
    const other = statement();
    expect((await send(other, await signed(other, { alg, x5c: [...x5c] }))).status).toBe(200);
  });

  test('and its signature comes back as it was', async () => {
    const sent = statement();
    const signature = await signed(sent);
    await send(sent, signature);
    await eventually(async () => {
      const { status, text } = await client.get(`?attachments=true&statementId=${String(sent['id'])}`);
      expect(status).toBe(200);
      expect(text).toContain(signature);
    });
  });

  test('though it was signed before it had an id, a time and attachments, in another order', async () => {
    const sent = statement({ timestamp: '2026-11-21T10:00:00Z', version: '1.0.3' });
    const { actor, verb, object } = sent;
    const before = { object, verb: { ...(verb as object), display: { en: 'done' } }, actor };
    expect((await send(sent, await signed(before))).status).toBe(200);
    const other = statement({ timestamp: '2026-11-21T10:00:00Z', version: '1.0.3' });
    const zoned = { ...other, timestamp: '2026-11-21T12:00:00+02:00', id: String(other['id']).toUpperCase() };
    expect((await send(other, await signed(zoned))).status).toBe(200);
  });

  test('with a finer duration than the hundredth that counts in 2.0', async () => {
    const coarse = statement({ result: { duration: 'PT0.12S' } });
    const fine = { ...coarse, result: { duration: 'PT0.1237S' } };
    expect((await send(fine, await signed(coarse), { version: '2.0.0' })).status).toBe(200);
    expect((await send({ ...fine, id: randomUUID() }, await signed(coarse))).status).toBe(400);
  });
});

describe('a signature is refused', () => {
  const cases: [name: string, sign: (sent: Record<string, unknown>) => Promise<string> | string][] = [
    ['that is no JWS', () => 'x'],
    ['with another statement', async (sent) => signed({ ...sent, verb: { id: 'urn:v:other' } })],
    ['with another id', async (sent) => signed({ ...sent, id: randomUUID() })],
    ['with another time', async (sent) => signed({ ...sent, timestamp: '2026-11-21T10:00:01Z' })],
    ['with no JSON', async (sent) => signed(JSON.stringify(sent).replace('"', "'"))],
    ['with no statement', async () => signed({})],
    ['with a batch', async (sent) => signed([sent])],
    ['with null', async () => signed('null')],
    [
      'by HS256',
      (sent) => {
        const head = Buffer.from('{"alg":"HS256"}').toString('base64url');
        const input = `${head}.${Buffer.from(JSON.stringify(sent)).toString('base64url')}`;
        return `${input}.${createHmac('sha256', 'x').update(input).digest('base64url')}`;
      },
    ],
    [
      'by none',
      (sent) =>
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(sent)).toString('base64url')}.`,
    ],
    [
      'by ES256',
      async (sent) =>
        signed(sent, { alg: 'ES256' }, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
    ],
    ['by another key than its certificate has', async (sent) => signed(sent, { x5c: [...another.x5c] })],
    ['with a certificate that is none', async (sent) => signed(sent, { x5c: ['aGVsbG8='] })],
    ['with a certificate list that is none', async (sent) => signed(sent, { x5c: [] })],
    [
      'changed after it was signed',
      async (sent) => {
        const [head, , end] = (await signed(sent, { x5c: [...x5c] })).split('.');
        const { verb, ...rest } = sent;
        return `${String(head)}.${Buffer.from(JSON.stringify({ verb, ...rest })).toString('base64url')}.${String(end)}`;
      },
    ],
  ];

  test.each(cases)('%s', async (_name, sign) => {
    const sent = statement({ timestamp: '2026-11-21T10:00:00Z' });
    const { status, body } = await send(sent, await sign(sent));
    expect([status, body.error.code, body.error.faults[0]]).toEqual([
      400,
      'INVALID_STATEMENT',
      { path: 'attachments[1]', reason: expect.any(String), spec: 'Data 2.6' },
    ]);
    expect(await lrs.count(`id = '${String(sent['id'])}'`)).toBe(0);
  });

  test('of another type', async () => {
    const sent = statement();
    const { status, body } = await send(sent, await signed(sent), { contentType: 'text/plain' });
    expect([status, body.error.faults[0]?.path]).toEqual([400, 'attachments[1]']);
  });
});

test("a signature by fileUrl is somebody else's to keep and to verify", async () => {
  const sent = statement();
  const fileUrl = 'http://over.there/signature';
  const attachments = [attachmentOf('x', { usageType, contentType: octets, fileUrl })];
  const inParts = await client.send('POST', '/xapi/statements', {
    body: multipart([jsonPart([{ ...sent, attachments }])]),
    headers: { 'content-type': multipartType },
  });
  expect(inParts.status).toBe(200);
  expect((await client.post(statement({ attachments }))).status).toBe(200);
});
