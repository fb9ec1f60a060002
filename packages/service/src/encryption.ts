import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  scrypt,
  type BinaryLike,
} from 'node:crypto';
import { promisify } from 'node:util';

/** What the database is to keep and not to know. */
export interface Encryption {
  /** Encrypts a text that only the same `context`, such as the row's key, opens again: rows can't be swapped. */
  seal(text: string, context: string): string;
  /** @throws Error where the secret or the context is another one, or the text is damaged */
  open(sealed: string, context: string): Promise<string>;
  /** A keyed digest (HMAC-SHA-256, hexadecimal), for what is compared and has too few bits for a plain one. */
  digest(text: string, context: string): string;
}

const format = 'v2';

/**
 * AES-256-GCM: `v2.iv.tag.ciphertext`, each part base64url. The keys are stretched from the secret (RFC 7914) once, as
 * the process starts and off the event loop.
 *
 * @param purpose the salt: what is sealed for one purpose, no process that knows the keys of another alone can open. It
 * is the same in all deployments: the secret is a deployment's own
 */
export async function createEncryption(secret: string, purpose: string): Promise<Encryption> {
  const stretched = await stretch(secret, purpose, 64);
  const [key, digestKey] = [stretched.subarray(0, 32), stretched.subarray(32)];

  return {
    seal(text, context) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
      const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return [
        format,
        ...[iv, cipher.getAuthTag(), ciphertext].map((part) => part.toString('base64url')),
      ].join('.');
    },

    async open(sealed, context) {
      const [head = '', iv, tag, ciphertext] = sealed.split('.');
      if (!iv || !tag || !ciphertext) throw new Error(`What is sealed for ${context} is damaged.`);
      const parts = { iv, tag, ciphertext };
      if (head === format) return decrypt(key, parts, context);
      // As the first signing keys were sealed: with a salt each, and without a context.
      return decrypt(await stretch(secret, Buffer.from(head, 'base64url'), 32), parts, undefined);
    },

    digest: (text, context) => createHmac('sha256', digestKey).update(`${context}\n${text}`).digest('hex'),
  };
}

function decrypt(
  key: Buffer,
  { iv, tag, ciphertext }: { iv: string; tag: string; ciphertext: string },
  context: string | undefined,
): string {
  const bytes = (part: string) => Buffer.from(part, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes(iv), { authTagLength: 16 });
    decipher.setAuthTag(bytes(tag));
    if (context !== undefined) decipher.setAAD(Buffer.from(context));
    return Buffer.concat([decipher.update(bytes(ciphertext)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new Error('KEY_ENCRYPTION_SECRET is not the one with which this was encrypted, or it is damaged.', {
      cause,
    });
  }
}

const stretch: (secret: string, salt: BinaryLike, length: number) => Promise<Buffer> = promisify(scrypt);
