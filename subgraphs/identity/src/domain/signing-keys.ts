import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { newId } from '@lyceum/service';
import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import type { Database, Store } from '../store/store.ts';

export interface SigningKeys {
  /** The key that signs now. */
  readonly current: { readonly id: string; readonly privateKey: CryptoKey | Uint8Array };
  /** Every key by which a token may still be verified (RFC 7517 JWK Set). */
  readonly published: { readonly keys: readonly JWK[] };
}

/** Loads the signing keys; the first instance that ever starts makes one. */
export async function loadSigningKeys(store: Database, encryptionSecret: string): Promise<SigningKeys> {
  const kept = await store.transaction(async (tx) => {
    const known = await tx.signingKeys.selectMany();
    return known.length > 0 ? known : makeFirst(tx, encryptionSecret);
  });
  const [newest] = kept;
  if (!newest) throw new Error('There is no signing key.');
  const privateJwk = JSON.parse(decrypt(newest.privateJwk, encryptionSecret)) as JWK;
  return {
    current: { id: newest.id, privateKey: await importJWK(privateJwk, 'ES256') },
    published: { keys: kept.map(({ publicJwk }) => publicJwk as JWK) },
  };
}

async function makeFirst(tx: Store, encryptionSecret: string) {
  await tx.signingKeys.lock();
  const made = await tx.signingKeys.selectMany();
  if (made.length > 0) return made;
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const id = newId('jwk');
  const publicJwk = { ...(await exportJWK(publicKey)), kid: id, alg: 'ES256', use: 'sig' };
  const privateJwk = encrypt(JSON.stringify(await exportJWK(privateKey)), encryptionSecret);
  return [await tx.signingKeys.insert({ id, publicJwk, privateJwk })];
}

/** AES-256-GCM under a key that scrypt stretches from the secret: `salt.iv.tag.ciphertext`, each base64url. */
function encrypt(text: string, secret: string): string {
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', scryptSync(secret, salt, 32), iv);
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return [salt, iv, cipher.getAuthTag(), ciphertext].map((part) => part.toString('base64url')).join('.');
}

function decrypt(sealed: string, secret: string): string {
  const [salt, iv, tag, ciphertext] = sealed.split('.').map((part) => Buffer.from(part, 'base64url'));
  if (!salt || !iv || !tag || !ciphertext) throw new Error('A signing key in the database is damaged.');
  const decipher = createDecipheriv('aes-256-gcm', scryptSync(secret, salt, 32), iv).setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new Error('KEY_ENCRYPTION_SECRET is not the one with which the signing keys were encrypted.', {
      cause,
    });
  }
}
