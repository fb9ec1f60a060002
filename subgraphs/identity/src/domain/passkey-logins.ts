import type { Database } from '../store/store.ts';
import { visitor } from './audit.ts';
import { counterRegressed, passkeyRefused } from './errors.ts';
import { recordingRefusal } from './recording-refusal.ts';
import { keyOf } from './membership-key.ts';
import type { Sessions, SessionTokens } from './sessions.ts';
import { clientDataOf } from './webauthn-responses.ts';
import { ceremonyMs, newWebAuthnChallenge, type PasskeyOptions, type WebAuthn } from './webauthn.ts';

export type PasskeyLogins = ReturnType<typeof createPasskeyLogins>;

/** Logging in with a passkey alone. It names nobody before: the authenticator shows what it has. */
export function createPasskeyLogins(options: { store: Database; webauthn: WebAuthn; sessions: Sessions }) {
  const { store, webauthn, sessions } = options;

  /** Whose passkey it is, once it signed a challenge of ours. @throws CREDENTIALS_REFUSED */
  async function asserted(given: unknown) {
    const response = webauthn.parseAssertion(given);
    const challenge = response && clientDataOf(response)?.challenge;
    const begun = challenge && (await store.passkeyChallenges.deleteReturning(challenge));
    const passkey = response && (await store.passkeys.selectOptionalByCredential(response.id));
    if (!begun || begun.userId !== null || !passkey) throw passkeyRefused();
    // Who logs in is whom the authenticator names (WebAuthn 3, 7.2, 6), and a finger or a PIN is the second factor.
    if (response.response.userHandle !== passkey.userHandle) throw passkeyRefused();
    const check = { challenge: begun.challenge, passkey, userVerification: true };
    const verified = await webauthn.verifyAssertion(response, check);
    if (!verified) throw passkeyRefused();
    return { passkey, ...verified };
  }

  return {
    async begin(): Promise<PasskeyOptions> {
      const challenge = newWebAuthnChallenge();
      const nobody = { organisationId: null, userId: null, userHandle: null };
      await store.passkeyChallenges.insert({
        challenge,
        ...nobody,
        expiresAt: new Date(Date.now() + ceremonyMs),
      });
      return webauthn.requestOptions(challenge, [], 'required');
    },

    /** @throws CREDENTIALS_REFUSED */
    async finish(response: unknown): Promise<SessionTokens> {
      const { passkey, counter, method } = await asserted(response);
      const key = keyOf(passkey);
      const act = { act: 'passkey.use', by: visitor, ...key, subjectId: passkey.id } as const;
      return recordingRefusal(store, act, () =>
        store.transaction(async (tx) => {
          const known = await tx.memberships.lockShared(key.organisationId, key.userId);
          if (!known) throw passkeyRefused();
          if ((await tx.passkeys.updateUsed(passkey, counter)) === 0) throw passkeyRefused(counterRegressed);
          return sessions.open(tx, key, known, [method, 'mfa']);
        }),
      );
    },
  };
}
