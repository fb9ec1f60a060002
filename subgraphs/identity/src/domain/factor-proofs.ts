import { invalid } from '@lyceum/service';
import type { MembershipKey } from '../store/memberships.ts';
import type { Store } from '../store/store.ts';
import type { Encryption } from './encryption.ts';
import { counterRegressed, proofRefused } from './errors.ts';
import type { LoginMethod } from './login-methods.ts';
import { normalizedRecoveryCode } from './recovery-codes.ts';
import { totpStep } from './totp.ts';
import type { WebAuthn } from './webauthn.ts';

/** What can be shown beside a password. */
export type SecondFactor = 'TOTP' | 'RECOVERY_CODE' | 'PASSKEY';

/** What is shown: one of these. */
export interface Proof {
  /** The code of an authenticator app. */
  readonly totp?: string | null | undefined;
  readonly recoveryCode?: string | null | undefined;
  /** An AuthenticationResponseJSON (WebAuthn 3, 5.1.8). */
  readonly passkey?: unknown;
}

export type FactorProofs = ReturnType<typeof createFactorProofs>;

/** Whether somebody has the second factors of a membership. */
export function createFactorProofs({ encryption, webauthn }: { encryption: Encryption; webauthn: WebAuthn }) {
  /** A code is taken once: its step is later than all before it, and of two at once one finds it so (RFC 6238, 5.2). */
  async function proveTotp(tx: Store, key: MembershipKey, code: string): Promise<void> {
    const totp = await tx.totps.selectOptional(key);
    const secret = totp?.confirmedAt && (await encryption.open(totp.sealedSecret, contextOf('totp', key)));
    const step = secret ? totpStep(secret, code) : undefined;
    if (step === undefined || (await tx.totps.updateLastStep(key, step)) === 0) throw proofRefused('totp');
  }

  async function proveRecoveryCode(tx: Store, key: MembershipKey, code: string): Promise<void> {
    const digest = digestOf(key, code);
    if ((await tx.recoveryCodes.delete(key, digest)) === 0) throw proofRefused('recoveryCode');
  }

  async function provePasskey(tx: Store, key: MembershipKey, response: unknown, challenge: string) {
    const asserted = webauthn.parseAssertion(response);
    const passkey = asserted && (await tx.passkeys.selectOptionalByCredential(asserted.id));
    const own = passkey?.organisationId === key.organisationId && passkey.userId === key.userId;
    if (!asserted || !passkey || !own) throw proofRefused('passkey');
    const verified = await webauthn.verifyAssertion(asserted, {
      challenge,
      passkey,
      userVerification: false,
    });
    if (!verified) throw proofRefused('passkey');
    if ((await tx.passkeys.updateUsed(passkey, verified.counter)) === 0)
      throw proofRefused('passkey', counterRegressed);
    return verified.method;
  }

  function digestOf(key: MembershipKey, code: string): string {
    return encryption.digest(normalizedRecoveryCode(code), contextOf('recovery-code', key));
  }

  return {
    digestOf,

    /** What a membership has; recovery codes only beside another. */
    async kindsOf(tx: Store, key: MembershipKey): Promise<SecondFactor[]> {
      const { totp, passkey, recoveryCode } = await tx.secondFactors.select(key);
      const kinds: SecondFactor[] = totp ? ['TOTP'] : [];
      if (passkey) kinds.push('PASSKEY');
      if (kinds.length > 0 && recoveryCode) kinds.push('RECOVERY_CODE');
      return kinds;
    },

    /**
     * Uses up a proof, as part of what `tx` does. A passkey has signed `challenge`, where one was given.
     *
     * @throws INVALID, CREDENTIALS_REFUSED
     */
    async prove(tx: Store, key: MembershipKey, proof: Proof, challenge?: string): Promise<LoginMethod> {
      const { totp, recoveryCode, passkey } = theOnly(proof);
      if (totp != null) await proveTotp(tx, key, totp);
      else if (recoveryCode != null) await proveRecoveryCode(tx, key, recoveryCode);
      else if (challenge === undefined) throw proofRefused('passkey');
      else return provePasskey(tx, key, passkey, challenge);
      return 'otp';
    },
  };
}

/** Under which name wrong answers are counted: not that of the password, whose right answer forgives its own. */
export const guessedAt = ({ organisationId, userId }: MembershipKey): string =>
  `second factor ${organisationId} ${userId}`;

/** What a sealed text belongs to. */
export function contextOf(what: string, { organisationId, userId }: MembershipKey): string {
  return [what, organisationId, userId].join(':');
}

/** @throws INVALID */
function theOnly(proof: Proof): Proof {
  const given = [proof.totp, proof.recoveryCode, proof.passkey].filter((value) => value != null);
  if (given.length !== 1) throw invalid(['input'], 'Answer with one second factor.');
  return proof;
}
