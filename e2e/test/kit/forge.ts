import { generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWK } from 'jose';
import type { System } from '@lyceum/testing';
import { createEncryption } from '../../../subgraphs/identity/src/domain/encryption.ts';
import { readEnv } from '../../../subgraphs/identity/src/env.ts';
import { queryDatabase } from './database.ts';

type Claims = Record<string, unknown>;

/**
 * Tokens that no service may take, by what is wrong with each. All say what a true one says, of an administrator, but for
 * that; where it matters they are signed with the very key that identity signs with.
 */
export async function forgeTokens(
  system: System,
  trueToken: string,
): Promise<Readonly<Record<string, string>>> {
  const [header, claims] = trueToken.split('.').slice(0, 2).map(decoded) as [{ kid: string }, Claims];
  const { kid } = header;
  const key = await signingKey(system, kid);
  const foreign = (await generateKeyPair('ES256')).privateKey;
  const now = Math.floor(Date.now() / 1000);
  const signed = (changes: Claims, signer: CryptoKey | Uint8Array = key) =>
    new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
      .sign(signer);
  const unsigned = `${encoded({ alg: 'none', typ: 'at+jwt' })}.${encoded(claims)}.`;
  return {
    expired: await signed({ iat: now - 1_200, exp: now - 600 }),
    'of another issuer': await signed({ iss: 'https://elsewhere.example' }),
    'for another audience': await signed({ aud: 'elsewhere' }),
    'with the algorithm none': unsigned,
    'with its signature stripped': `${trueToken.split('.').slice(0, 2).join('.')}.`,
    'of a foreign key under the known id': await signed({}, foreign),
    'whose claims were changed': [
      trueToken.split('.')[0],
      encoded({ ...claims, org: 'org_x' }),
      trueToken.split('.')[2],
    ].join('.'),
    'that is none': 'nonsense',
  };
}

/** Proves that a forged token is refused for what is wrong with it: the same, made rightly, is taken. */
export async function soundToken(system: System, trueToken: string): Promise<string> {
  const [header, claims] = trueToken.split('.').slice(0, 2).map(decoded) as [{ kid: string }, Claims];
  const key = await signingKey(system, header.kid);
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: header.kid, typ: 'at+jwt' }).sign(key);
}

/** What identity keeps encrypted, with the secret of a development start. */
async function signingKey(system: System, kid: string): Promise<CryptoKey | Uint8Array> {
  const rows = await queryDatabase<{ id: string; private_jwk: string }>(
    system,
    'identity',
    'SELECT id, private_jwk FROM signing_key',
  );
  const row = rows.find(({ id }) => id === kid);
  if (!row) throw new Error(`Identity has no signing key ${kid}.`);
  const encryption = await createEncryption(readEnv({}).KEY_ENCRYPTION_SECRET);
  return importJWK(JSON.parse(await encryption.open(row.private_jwk, row.id)) as JWK, 'ES256');
}

const decoded = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown;
const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
