import { newSecret } from '@lyceum/service';
import type { LoginChallenge } from '../store/login-challenges.ts';
import type { MembershipKey } from '../store/memberships.ts';
import type { LoginSource } from '../store/sessions.ts';
import type { Database, Store } from '../store/store.ts';
import { visitor } from './audit.ts';
import { challengeEnded } from './errors.ts';
import type { LoginMethod } from './login-methods.ts';
import { trust } from './membership-trusts.ts';
import { recordFactorAct } from './factor-acts.ts';
import { guessedAt, type FactorProofs, type Proof, type SecondFactor } from './factor-proofs.ts';
import type { Guesses } from './guesses.ts';
import { recordingRefusal } from './recording-refusal.ts';
import { hashSecret, stateOfPassword } from './secrets.ts';
import { keyOf } from './membership-key.ts';
import type { SecondFactors } from './second-factors.ts';
import type { Sessions, SessionTokens } from './sessions.ts';
import type { TotpEnrolment } from './totp.ts';
import { newWebAuthnChallenge, type PasskeyOptions, type WebAuthn } from './webauthn.ts';

const lastsMs = 300_000;
/** A code has six digits, of which three are right at any time. */
const answersTaken = 5;

/** What is told of a login whose password was right. */
export interface Challenge {
  readonly token: string;
  readonly kind: 'SECOND_FACTOR' | 'ENROLMENT';
  readonly methods: readonly SecondFactor[];
  readonly passkeyOptions: PasskeyOptions | null;
  readonly expiresAt: Date;
}

export type LoginChallenges = ReturnType<typeof createLoginChallenges>;

/**
 * The second half of a login. A challenge belongs to one membership and to the password that began it, lasts five
 * minutes, takes five answers, and gives one session.
 */
export function createLoginChallenges(options: {
  store: Database;
  sessions: Sessions;
  factors: SecondFactors;
  proofs: FactorProofs;
  webauthn: WebAuthn;
  guesses: Guesses;
}) {
  const { store, sessions, factors, proofs, webauthn, guesses } = options;

  async function passkeyOptions(tx: Store, key: MembershipKey, challenge: string): Promise<PasskeyOptions> {
    return webauthn.requestOptions(challenge, await tx.passkeys.selectMany(key), 'preferred');
  }

  /** @throws CHALLENGE_ENDED where the password is another one since, or the organisation is not open to the person */
  async function lockedMembership(tx: Store, { organisationId, userId, ...challenge }: LoginChallenge) {
    // Whoever sets up a factor holds the membership alone: a login beside it has to see the factor.
    if (challenge.enrolment) await tx.memberships.lock(organisationId, userId);
    const known = await tx.memberships.lockShared(organisationId, userId);
    const same = known && stateOfPassword(known.passwordHash) === challenge.passwordState;
    if (!same) throw challengeEnded();
    return known;
  }

  /** @throws CHALLENGE_ENDED where the provider that began the login may not log anybody in any more */
  async function requireProvider(tx: Store, { organisationId, providerId }: LoginChallenge): Promise<void> {
    if (providerId === null) return;
    if (!(await tx.identityProviders.lockSharedEnabled(organisationId, providerId))) throw challengeEnded();
  }

  /** @throws CHALLENGE_ENDED where a factor was set up since: that one is asked for */
  async function enrolAndConfirm(tx: Store, key: MembershipKey, { totp }: Proof): Promise<string[]> {
    if ((await proofs.kindsOf(tx, key)).length > 0) throw challengeEnded();
    const codes = await factors.confirmTotp(tx, key, totp ?? '', 'totp');
    await sessions.endAll(tx, key);
    return codes;
  }

  async function complete(tx: Store, challenge: LoginChallenge, proof: Proof): Promise<Completed> {
    const key = keyOf(challenge);
    await requireProvider(tx, challenge);
    const known = await lockedMembership(tx, challenge);
    if ((await tx.loginChallenges.delete(challenge.hash)) === 0) throw challengeEnded();
    const recoveryCodes = challenge.enrolment ? await enrolAndConfirm(tx, key, proof) : null;
    const method = recoveryCodes ? 'otp' : await proofs.prove(tx, key, proof, challenge.passkeyChallenge);
    const begun = challenge.methods as LoginMethod[];
    const tokens = await sessions.open(tx, key, known, [...begun, method, 'mfa'], challenge);
    const elsewhere = challenge.switchedFrom && (await tx.sessions.selectOptional(challenge.switchedFrom));
    if (elsewhere) await trust(tx, elsewhere, key);
    const by = { kind: 'USER', id: challenge.userId, sessionId: null } as const;
    if (recoveryCodes) await recordFactorAct(tx, 'totp.enrol', key, by);
    else if (proof.recoveryCode != null) await recordFactorAct(tx, 'recovery-code.use', key, by);
    return { tokens, recoveryCodes };
  }

  return {
    /**
     * A challenge where the membership has a second factor or its organisation wants one; undefined where what was shown,
     * as `begunWith` tells, is enough. The membership must be held. `switchedFrom` is the session of another organisation in
     * which its owner asked for it, having shown the password.
     */
    async begin(
      tx: Store,
      membership: MembershipKey & { passwordHash: string | null; secondFactorRequired: boolean },
      begunWith: LoginMethod[] = ['pwd'],
      { source, switchedFrom = null }: { source?: LoginSource; switchedFrom?: string | null } = {},
    ): Promise<Challenge | undefined> {
      const key = keyOf(membership);
      const methods = await proofs.kindsOf(tx, key);
      const enrolment = methods.length === 0;
      if (enrolment && !membership.secondFactorRequired) return undefined;
      const token = newSecret('lyh');
      const expiresAt = new Date(Date.now() + lastsMs);
      const passkeyChallenge = newWebAuthnChallenge();
      await tx.loginChallenges.insert({
        ...key,
        hash: hashSecret(token),
        passwordState: stateOfPassword(membership.passwordHash),
        enrolment,
        passkeyChallenge,
        methods: begunWith,
        switchedFrom,
        providerId: source?.providerId ?? null,
        providerSession: source?.providerSession ?? null,
        expiresAt,
      });
      return {
        token,
        kind: enrolment ? 'ENROLMENT' : 'SECOND_FACTOR',
        methods,
        passkeyOptions: methods.includes('PASSKEY') ? await passkeyOptions(tx, key, passkeyChallenge) : null,
        expiresAt,
      };
    },

    /** Shows the secret of the authenticator app that the challenge wants set up. @throws CHALLENGE_ENDED, CONFLICT */
    async enrol(token: string): Promise<TotpEnrolment> {
      const challenge = await store.loginChallenges.selectOptional(hashSecret(token));
      if (!challenge?.enrolment || challenge.answers >= answersTaken) throw challengeEnded();
      return store.transaction(async (tx) => {
        await lockedMembership(tx, challenge);
        return factors.beginTotp(tx, keyOf(challenge));
      });
    },

    /**
     * The tokens of the login; with them the recovery codes, this once, where a factor was set up. An answer is counted
     * before it is looked at, so that many at once are no more.
     *
     * @throws CHALLENGE_ENDED, TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED, INVALID, CONFLICT
     */
    async answer(token: string, proof: Proof): Promise<Completed> {
      const hash = hashSecret(token);
      const begun = await store.loginChallenges.selectOptional(hash);
      const guess = begun && (await guesses.begin(guessedAt(begun)));
      const challenge = guess && (await store.loginChallenges.updateAnswers(hash, answersTaken));
      if (!challenge) throw challengeEnded();
      const { organisationId, userId: subjectId } = challenge;
      const act = { act: 'second-factor.prove', by: visitor, organisationId, subjectId } as const;
      const completed = await recordingRefusal(store, act, () =>
        store.transaction((tx) => complete(tx, challenge, proof)),
      );
      await guess.wasRight();
      return completed;
    },
  };
}

interface Completed {
  readonly tokens: SessionTokens;
  readonly recoveryCodes: string[] | null;
}
