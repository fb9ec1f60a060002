import { randomBytes } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Passkey } from '../store/passkeys.ts';
import type { LoginMethod } from './login-methods.ts';
import { assertionOf, clientDataOf, registrationOf } from './webauthn-responses.ts';

/** For `PublicKeyCredential.parseRequestOptionsFromJSON` (WebAuthn 3, 5.1.10). */
export type PasskeyOptions = PublicKeyCredentialRequestOptionsJSON;
/** For `PublicKeyCredential.parseCreationOptionsFromJSON` (WebAuthn 3, 5.1.9). */
export type PasskeyCreationOptions = PublicKeyCredentialCreationOptionsJSON;

type KnownPasskey = Pick<Passkey, 'credentialId' | 'publicKey' | 'transports'>;

/** How long an authenticator may take: as long as its challenge lasts. */
export const ceremonyMs = 300_000;

/** 256 random bits, base64url (WebAuthn 3, 13.4.3). */
export const newWebAuthnChallenge = (): string => randomBytes(32).toString('base64url');

/** 512 random bits, base64url: it names nobody (WebAuthn 3, 14.6.1). */
export const newUserHandle = (): string => randomBytes(64).toString('base64url');

/** Imported with the first ceremony: it takes 28 MB and a quarter of a second, which most starts never need. */
const library = () => import('@simplewebauthn/server');

export type WebAuthn = ReturnType<typeof createWebAuthn>;

/** The ceremonies of Web Authentication Level 3 (https://www.w3.org/TR/webauthn-3/), as its relying party. */
export function createWebAuthn({ rpId, origins }: { rpId: string; origins: readonly string[] }) {
  const expected = { expectedOrigin: [...origins], expectedRPID: rpId };

  return {
    parseAssertion: assertionOf,
    parseRegistration: registrationOf,

    /** A passkey that an authenticator finds by itself, and opens with a PIN or a finger: it logs in alone. */
    creationOptions: async (
      challenge: string,
      person: { userHandle: string; name: string; displayName: string },
      known: readonly KnownPasskey[],
    ): Promise<PasskeyCreationOptions> =>
      (await library()).generateRegistrationOptions({
        rpName: 'Lyceum',
        rpID: rpId,
        challenge: bytes(challenge),
        userID: bytes(person.userHandle),
        userName: person.name,
        userDisplayName: person.displayName,
        timeout: ceremonyMs,
        excludeCredentials: known.map(descriptorOf),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      }),

    /** Without passkeys to choose from, the authenticator shows those that it has. */
    requestOptions: async (
      challenge: string,
      known: readonly KnownPasskey[],
      userVerification: 'required' | 'preferred',
    ): Promise<PasskeyOptions> =>
      (await library()).generateAuthenticationOptions({
        rpID: rpId,
        challenge: bytes(challenge),
        timeout: ceremonyMs,
        allowCredentials: known.map(descriptorOf),
        userVerification,
      }),

    /** What was registered (7.1); undefined where it can't be accepted. */
    async verifyRegistration(response: RegistrationResponseJSON, challenge: string) {
      if (clientDataOf(response)?.crossOrigin) return undefined;
      const { verifyRegistrationResponse } = await library();
      const options = { response, expectedChallenge: challenge, ...expected, requireUserVerification: true };
      const { registrationInfo } = await refusedOnError(() => verifyRegistrationResponse(options));
      return registrationInfo;
    },

    /**
     * What the authenticator counts, and how the login was made (7.2); undefined where it can't be accepted. Whether
     * the counter went on is for the store to say, which knows it at that moment: here it is taken for new.
     */
    async verifyAssertion(
      response: AuthenticationResponseJSON,
      { challenge, passkey, userVerification }: AssertionCheck,
    ): Promise<{ counter: number; method: LoginMethod } | undefined> {
      if (clientDataOf(response)?.crossOrigin) return undefined;
      const { credentialId: id, publicKey } = passkey;
      const { verifyAuthenticationResponse } = await library();
      const { verified, authenticationInfo } = await refusedOnError(() =>
        verifyAuthenticationResponse({
          response,
          expectedChallenge: challenge,
          ...expected,
          requireUserVerification: userVerification,
          credential: { id, publicKey: new Uint8Array(publicKey), counter: 0 },
        }),
      );
      if (!verified || !authenticationInfo) return undefined;
      return { counter: authenticationInfo.newCounter, method: passkey.synced ? 'swk' : 'hwk' };
    },
  };
}

interface AssertionCheck {
  readonly challenge: string;
  readonly passkey: Pick<Passkey, 'credentialId' | 'publicKey' | 'synced'>;
  /** Whether a PIN or a finger is wanted. */
  readonly userVerification: boolean;
}

/** The library throws for whatever is wrong with what a client sends; which it was is not for the client to learn. */
async function refusedOnError<T extends object>(verify: () => Promise<T>): Promise<Partial<T>> {
  try {
    return await verify();
  } catch {
    return {};
  }
}

const bytes = (base64url: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(base64url, 'base64url'));

const descriptorOf = ({ credentialId, transports }: KnownPasskey) => ({ id: credentialId, transports });
