import { newId } from '@lyceum/service';
import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import type { Database, Store } from '../store/store.ts';
import type { Encryption } from './encryption.ts';

export interface SigningKeys {
  /** The key that signs now. */
  readonly current: { readonly id: string; readonly privateKey: CryptoKey | Uint8Array };
  /** Every key by which a token may still be verified (RFC 7517 JWK Set). */
  readonly published: { readonly keys: readonly JWK[] };
}

/** Loads the signing keys; the first instance that ever starts makes one. */
export async function loadSigningKeys(store: Database, encryption: Encryption): Promise<SigningKeys> {
  const kept = await store.transaction(async (tx) => {
    const known = await tx.signingKeys.selectMany();
    return known.length > 0 ? known : makeFirst(tx, encryption);
  });
  const [newest] = kept;
  if (!newest) throw new Error('There is no signing key.');
  const privateJwk = JSON.parse(await encryption.open(newest.privateJwk, newest.id)) as JWK;
  return {
    current: { id: newest.id, privateKey: await importJWK(privateJwk, 'ES256') },
    published: { keys: kept.map(({ publicJwk }) => publicJwk as JWK) },
  };
}

async function makeFirst(tx: Store, encryption: Encryption) {
  await tx.signingKeys.lock();
  const made = await tx.signingKeys.selectMany();
  if (made.length > 0) return made;
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const id = newId('jwk');
  const publicJwk = { ...(await exportJWK(publicKey)), kid: id, alg: 'ES256', use: 'sig' };
  const privateJwk = encryption.seal(JSON.stringify(await exportJWK(privateKey)), id);
  return [await tx.signingKeys.insert({ id, publicJwk, privateJwk })];
}
