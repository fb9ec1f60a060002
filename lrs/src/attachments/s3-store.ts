import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { AttachmentKey, AttachmentStore } from './attachment-store.ts';
import type { S3Address } from './s3-address.ts';
import { safeName } from './safe-name.ts';

/**
 * Attachments as objects of an S3 bucket: `<prefix><organisation>/<hash>`. An object is there whole or not at all, and S3
 * answers once it is durable. The bucket is not made here: whoever runs it decides on where, versions and encryption.
 */
export async function createS3Store(address: S3Address): Promise<AttachmentStore> {
  // 40 MB of modules that nobody needs who keeps files.
  const s3 = await import('@aws-sdk/client-s3');
  const { bucket: Bucket, prefix, endpoint, region, credentials } = address;
  const client = new s3.S3Client({
    endpoint,
    region,
    ...(credentials && { credentials }),
    // Names of buckets as hosts are Amazon's alone; paths work everywhere.
    forcePathStyle: true,
    // Checksums in trailers are, too. What is sent says its hash in a header where that is SHA-256.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000 },
  });
  const at = ({ organisationId, sha2 }: AttachmentKey) => ({
    Bucket,
    Key: `${prefix}${safeName(organisationId)}/${sha2}`,
  });

  async function has(key: AttachmentKey, bytes: number): Promise<boolean> {
    try {
      const { ContentLength } = await client.send(new s3.HeadObjectCommand(at(key)));
      return ContentLength === bytes;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  return {
    insert: (organisationId, { sha2, bytes, file }) =>
      orUnavailable(async () => {
        const key = { organisationId, sha2 };
        if (await has(key, bytes)) return;
        const body = (await open(file)).createReadStream();
        // The client hears nothing of a file that can't be read on, and would wait.
        const failed = new AbortController();
        body.once('error', (error) => {
          failed.abort(error);
        });
        const put = new s3.PutObjectCommand({
          ...at(key),
          Body: body,
          ContentLength: bytes,
          ...(sha2.length === 64 && { ChecksumSHA256: Buffer.from(sha2, 'hex').toString('base64') }),
        });
        try {
          await client.send(put, { abortSignal: failed.signal });
        } finally {
          body.destroy();
        }
      }),
    selectOptional: (key) =>
      orUnavailable(async () => {
        try {
          const { Body } = await client.send(new s3.GetObjectCommand(at(key)));
          return (Body as Readable | undefined) ?? null;
        } catch (error) {
          if (isAbsent(error)) return null;
          throw error;
        }
      }),
    delete: (key) =>
      orUnavailable(async () => {
        await client.send(new s3.DeleteObjectCommand(at(key)));
      }),
    check: async () => {
      await client.send(new s3.HeadBucketCommand({ Bucket }));
    },
    close: () => {
      client.destroy();
    },
  };
}

/** That there is no bucket is something else: nobody may take it for an attachment that is gone. */
function isAbsent(error: unknown): boolean {
  const { name } = error as Error;
  return name === 'NotFound' || name === 'NoSuchKey';
}

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new UnavailableError('The store of attachments', error);
  }
}
