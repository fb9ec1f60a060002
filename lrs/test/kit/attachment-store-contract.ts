import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryDirectory } from '@lyceum/testing';
import type { AttachmentStore, StagedAttachment } from '../../src/attachments/attachment-store.ts';

/** What attachment-store.ts promises, of whatever keeps the bytes. */
export function attachmentStoreContract(
  name: string,
  open: () => Promise<AttachmentStore>,
  /** A directory that staged files lie in. */
  directory: () => string = temporaryDirectory,
): void {
  describe(`the store of attachments in ${name}`, () => {
    let store: AttachmentStore;
    let incoming: string;
    let made = 0;

    beforeAll(async () => {
      store = await open();
      incoming = directory();
    });
    afterAll(() => {
      store.close();
    });

    async function staged(bytes: Buffer, algorithm = 'sha256'): Promise<StagedAttachment> {
      made += 1;
      const file = join(incoming, `staged-${String(made)}`);
      await writeFile(file, bytes);
      return { sha2: createHash(algorithm).update(bytes).digest('hex'), bytes: bytes.length, file };
    }

    async function read(organisationId: string, sha2: string): Promise<Buffer | null> {
      const stream = await store.selectOptional({ organisationId, sha2 });
      return stream && (await collect(stream));
    }

    test.each([
      ['none', 0, 'sha256'],
      ['one', 1, 'sha256'],
      ['many', 9_000_000, 'sha256'],
      ['those of another hash', 1_000, 'sha512'],
    ])('gives back what it was given: %s bytes', async (_name, length, algorithm) => {
      const bytes = randomBytes(length);
      const file = await staged(bytes, algorithm);
      await store.insert('org_a', file);
      expect((await read('org_a', file.sha2))?.equals(bytes)).toBe(true);
    });

    test('has nothing that it was not given, and nothing of another organisation', async () => {
      const file = await staged(randomBytes(10));
      expect(await read('org_a', file.sha2)).toBeNull();
      await store.insert('org_a', file);
      expect(await read('org_b', file.sha2)).toBeNull();
      await store.delete({ organisationId: 'org_b', sha2: file.sha2 });
      expect(await read('org_a', file.sha2)).not.toBeNull();
    });

    test('takes the same bytes again, many at once', async () => {
      const bytes = randomBytes(100_000);
      const files = await Promise.all(Array.from({ length: 8 }, () => staged(bytes)));
      await Promise.all(files.map((file) => store.insert('org_again', file)));
      await store.insert('org_again', await staged(bytes));
      expect((await read('org_again', files[0]?.sha2 ?? ''))?.equals(bytes)).toBe(true);
    });

    test('forgets what it is told to, twice too', async () => {
      const file = await staged(randomBytes(10));
      await store.insert('org_a', file);
      for (const _ of [1, 2]) await store.delete({ organisationId: 'org_a', sha2: file.sha2 });
      expect(await read('org_a', file.sha2)).toBeNull();
    });

    test.each(['..', '../org_a', 'org/a', '.', 'org a', 'örg', '%2e%2e'])(
      'keeps %j apart from all others',
      async (organisationId) => {
        const file = await staged(randomBytes(10));
        await store.insert(organisationId, file);
        expect(await read(organisationId, file.sha2)).not.toBeNull();
        expect(await read('org_a', file.sha2)).toBeNull();
        await store.delete({ organisationId, sha2: file.sha2 });
        expect(await read(organisationId, file.sha2)).toBeNull();
      },
    );

    test('says that it is well, and that what is staged no more can not be kept', async () => {
      await store.check();
      const sha2 = 'f'.repeat(64);
      const gone = { sha2, bytes: 3, file: join(incoming, 'gone') };
      await expect(store.insert('org_a', gone)).rejects.toMatchObject({ name: 'UnavailableError' });
      expect(await read('org_a', sha2)).toBeNull();
    });
  });
}

async function collect(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
