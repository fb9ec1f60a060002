import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Claims = Readonly<Record<string, unknown>>;

/** Somebody who issues access tokens, and publishes with which key. */
export interface Issuer {
  readonly jwksUrl: string;
  readonly issuer: string;
  /** The published key, as PEM. */
  readonly publicKey: string;
  /** Of `ada`, for ten minutes, unless the claims say otherwise; a claim that is undefined is left out. */
  token(claims?: Claims): string;
  /** One that is made in another way. */
  forged(header: Claims, claims: Claims, signatureOf: (input: string) => Buffer): string;
  stop(): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'first', alg: 'ES256', use: 'sig' }];
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stock = () => ({
    iss: origin,
    sub: 'ada',
    aud: 'graph',
    exp: Math.floor(Date.now() / 1_000) + 600,
  });
  const made = (header: Claims, claims: Claims, signatureOf: (input: string) => Buffer) => {
    const input = [header, { ...stock(), ...claims }].map(encoded).join('.');
    return `${input}.${signatureOf(input).toString('base64url')}`;
  };
  return {
    jwksUrl: `${origin}/jwks`,
    issuer: origin,
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    token: (claims = {}) => made({ alg: 'ES256', kid: 'first' }, claims, (input) => es256(input, privateKey)),
    forged: made,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export function es256(input: string, key: KeyObject): Buffer {
  return sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}

export function hs256(input: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(input).digest();
}

function encoded(part: Claims): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
