import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { eventually, startS3, temporaryDirectory } from '@lyceum/testing';
import { createFileStore } from '../src/attachments/file-store.ts';
import { parseS3Url } from '../src/attachments/s3-address.ts';
import { createS3Store } from '../src/attachments/s3-store.ts';
import { startLrs } from './kit/lrs.ts';
import { attachmentOf, attachmentPart, jsonPart, multipart, multipartType, sha2Of } from './kit/multipart.ts';
import { statement } from './kit/statements.ts';
import { attachmentStoreContract } from './kit/attachment-store-contract.ts';

const directory = temporaryDirectory();
attachmentStoreContract(
  'files',
  () => createFileStore(join(directory, 'kept')),
  () => directory,
);

const s3 = await startS3();

if (s3 === null) {
  describe('the store of attachments in S3', () => {
    test.skip('skipped: Go, or what it fetches, is missing', () => undefined);
  });
} else {
  afterAll(() => s3.stop());
  attachmentStoreContract('S3', () => createS3Store(parseS3Url(`${s3.url}/some/where`)));

  test('S3 with a wrong secret, without the bucket, or gone is unavailable, and nothing is thought absent', async () => {
    const other = (change: (url: URL) => void) => {
      const url = new URL(s3.url);
      change(url);
      return createS3Store(parseS3Url(url.toString()));
    };
    const broken = await Promise.all([
      other((url) => (url.password = 'wrong')),
      other((url) => (url.pathname = '/another')),
      other((url) => (url.port = '1')),
    ]);
    for (const store of broken) {
      await expect(store.check()).rejects.toThrow();
      const key = { organisationId: 'org_a', sha2: 'a'.repeat(64) };
      await expect(store.delete(key)).rejects.toMatchObject({ name: 'UnavailableError' });
      await expect(store.selectOptional(key)).rejects.toMatchObject({ name: 'UnavailableError' });
      store.close();
    }
  });
}

test('an LRS with S3 keeps nothing in files; while S3 is away it accepts nothing with attachments', async () => {
  const own = await startS3();
  if (own === null) return;
  const lrs = await startLrs({ S3_URL: own.url });
  const client = await lrs.client('org_a');
  const send = (id: string) =>
    client.send('POST', '/xapi/statements', {
      body: multipart([jsonPart(statement({ id, attachments: [attachmentOf(id)] })), attachmentPart(id)]),
      headers: { 'content-type': multipartType },
    });
  const [first, second] = [randomUUID(), randomUUID()];
  expect((await send(first)).status).toBe(200);
  await eventually(async () => {
    const { status, text } = await client.get(`?attachments=true&statementId=${first}`);
    expect(status).toBe(200);
    expect(text).toContain(`X-Experience-API-Hash: ${sha2Of(first)}\r\n\r\n${first}\r\n`);
  });
  const kept = readdirSync(join(lrs.env['LYCEUM_DATA_DIR'] ?? '', 'attachments'));
  expect(kept).toEqual(['incoming']);

  await own.stop();
  const { status, body } = await send(second);
  expect([status, body.error.code]).toEqual([503, 'UNAVAILABLE']);
  expect((await fetch(`${lrs.url}/health/ready`)).status).toBe(503);
  // What it had begun to send it can not take back: the connection is cut, and nobody takes it for whole.
  await expect(client.get(`?attachments=true&statementId=${first}`)).rejects.toThrow();
  const after = statement();
  expect((await client.post(after)).status).toBe(200);
  await eventually(async () => {
    expect((await client.get(`?statementId=${String(after['id'])}`)).status).toBe(200);
  });
  expect(await lrs.count(`id = '${second}'`)).toBe(0);
  await lrs.stop();
}, 90_000);

describe('S3_URL', () => {
  test('names endpoint, region, bucket, prefix and credentials', () => {
    expect(parseS3Url('https://k%2B:s%2Fx@s3.example.com:9000/bucket/a/b?region=eu-central-1')).toEqual({
      endpoint: 'https://s3.example.com:9000',
      region: 'eu-central-1',
      bucket: 'bucket',
      prefix: 'a/b/',
      credentials: { accessKeyId: 'k+', secretAccessKey: 's/x' },
    });
    expect(parseS3Url('https://s3.example.com/bucket')).toMatchObject({ prefix: '', credentials: undefined });
  });

  test.each(['', 'bucket', 'ftp://a/b', 'https://s3.example.com/'])('is not %j', (text) => {
    expect(() => parseS3Url(text)).toThrow(RangeError);
  });
});
