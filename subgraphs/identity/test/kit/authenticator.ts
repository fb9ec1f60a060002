import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { cose, isoCBOR } from '@simplewebauthn/server/helpers';

/** What a browser and an authenticator make of it: as it should be, unless something is said otherwise. */
export interface Ceremony {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly counter?: number;
  readonly userHandle?: string | null;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly synced?: boolean;
}

interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
}

interface RequestOptions {
  readonly challenge: string;
}

export type Authenticator = ReturnType<typeof createAuthenticator>;

const flagsOf = (ceremony: Ceremony, attested: boolean): number =>
  (ceremony.userPresent === false ? 0 : 0x01) |
  (ceremony.userVerified === false ? 0 : 0x04) |
  (ceremony.synced ? 0x18 : 0) |
  (attested ? 0x40 : 0);

/**
 * An authenticator in software with one ES256 credential (WebAuthn 3, 6 and 6.5; RFC 9053, 7.1.1), on the page of a
 * browser.
 */
export function createAuthenticator(defaults: { origin: string; rpId: string }) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(32);
  const id = credentialId.toString('base64url');
  let userHandle: string | undefined;
  let counter = 0;

  const clientData = (type: string, challenge: string, ceremony: Ceremony) =>
    Buffer.from(
      JSON.stringify({
        type: ceremony.type ?? type,
        challenge: ceremony.challenge ?? challenge,
        origin: ceremony.origin ?? defaults.origin,
        crossOrigin: ceremony.crossOrigin ?? false,
      }),
    );

  function authenticatorData(ceremony: Ceremony, attested: Buffer = Buffer.alloc(0)): Buffer {
    const head = Buffer.alloc(5);
    head.writeUInt8(flagsOf(ceremony, attested.length > 0), 0);
    head.writeUInt32BE(ceremony.counter ?? (counter += 1), 1);
    return Buffer.concat([sha256(Buffer.from(ceremony.rpId ?? defaults.rpId)), head, attested]);
  }

  const envelope = { id, rawId: id, type: 'public-key', clientExtensionResults: {} };

  return {
    id,

    /** `navigator.credentials.create(…)`, as JSON. */
    create(options: CreationOptions, ceremony: Ceremony = {}) {
      userHandle = options.user.id;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey(publicKey)]);
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(authenticatorData(ceremony, attested))],
      ]);
      return {
        ...envelope,
        response: {
          clientDataJSON: clientData('webauthn.create', options.challenge, ceremony).toString('base64url'),
          attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url'),
          transports: ['internal'],
        },
      };
    },

    /** `navigator.credentials.get(…)`, as JSON. */
    get(options: RequestOptions, ceremony: Ceremony = {}) {
      const client = clientData('webauthn.get', options.challenge, ceremony);
      const data = authenticatorData(ceremony);
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey);
      return {
        ...envelope,
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signature.toString('base64url'),
          userHandle: ceremony.userHandle === undefined ? userHandle : ceremony.userHandle,
        },
      };
    },
  };
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

function coseKey(publicKey: KeyObject): Uint8Array {
  const { x, y } = publicKey.export({ format: 'jwk' });
  const { COSEKEYS, COSEKTY, COSEALG, COSECRV } = cose;
  return isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [COSEKEYS.kty, COSEKTY.EC2],
      [COSEKEYS.alg, COSEALG.ES256],
      [COSEKEYS.crv, COSECRV.P256],
      [COSEKEYS.x, new Uint8Array(Buffer.from(x!, 'base64url'))],
      [COSEKEYS.y, new Uint8Array(Buffer.from(y!, 'base64url'))],
    ]),
  );
}
