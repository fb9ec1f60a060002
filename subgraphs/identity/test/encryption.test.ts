import { createCipheriv, randomBytes, scryptSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createEncryption, type Encryption } from '../src/domain/encryption.ts';

const secret = 'a secret of the test';
let encryption: Encryption;

beforeAll(async () => {
  encryption = await createEncryption(secret);
});

describe('what is sealed', () => {
  test('opens in another process that has the secret, and only in its context', async () => {
    const sealed = encryption.seal('a private key', 'jwk_1');
    expect(sealed).not.toContain('a private key');
    const another = await createEncryption(secret);
    expect(await another.open(sealed, 'jwk_1')).toBe('a private key');
    await expect(another.open(sealed, 'jwk_2')).rejects.toThrow('KEY_ENCRYPTION_SECRET is not the one');
  });

  test('is another text each time', () => {
    expect(encryption.seal('the same', 'here')).not.toBe(encryption.seal('the same', 'here'));
  });

  test('does not open with another secret, damaged, or with a shorter tag', async () => {
    const sealed = encryption.seal('a private key', 'jwk_1');
    const [head, iv, tag = '', ciphertext] = sealed.split('.');
    const another = await createEncryption('another secret of the test');
    await expect(another.open(sealed, 'jwk_1')).rejects.toThrow('KEY_ENCRYPTION_SECRET');
    for (const damaged of [
      [head, iv, tag, randomBytes(13).toString('base64url')],
      [head, iv, Buffer.from(tag, 'base64url').subarray(0, 4).toString('base64url'), ciphertext],
      [head, iv, tag],
    ])
      await expect(encryption.open(damaged.join('.'), 'jwk_1')).rejects.toThrow();
  });

  test('before a version said how, with a salt of its own, still opens', async () => {
    const [salt, iv] = [randomBytes(16), randomBytes(12)];
    const cipher = createCipheriv('aes-256-gcm', scryptSync(secret, salt, 32), iv);
    const ciphertext = Buffer.concat([cipher.update('an old key', 'utf8'), cipher.final()]);
    const parts = [salt, iv, cipher.getAuthTag(), ciphertext].map((part) => part.toString('base64url'));
    expect(await encryption.open(parts.join('.'), 'jwk_1')).toBe('an old key');
  });
});

test('a digest is that of the secret and the context', async () => {
  const digest = encryption.digest('a code', 'here');
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect((await createEncryption(secret)).digest('a code', 'here')).toBe(digest);
  const others = [
    encryption.digest('a code', 'there'),
    encryption.digest('another', 'here'),
    (await createEncryption('another secret of the test')).digest('a code', 'here'),
  ];
  expect(others).not.toContain(digest);
});
