import { conflict, type Viewer } from '@lyceum/service';
import type { MembershipKey } from '../store/memberships.ts';
import type { Database, Store } from '../store/store.ts';
import { actorOf } from './audit.ts';
import type { Encryption } from './encryption.ts';
import { proofRefused } from './errors.ts';
import { recordFactorAct } from './factor-acts.ts';
import { contextOf, guessedAt, type FactorProofs, type Proof } from './factor-proofs.ts';
import type { Guesses } from './guesses.ts';
import { methodsWith, type LoginMethod } from './login-methods.ts';
import { keyOf } from './membership-key.ts';
import { recordingRefusal } from './recording-refusal.ts';
import { newRecoveryCodes } from './recovery-codes.ts';
import { requirePassword } from './require-password.ts';
import type { Sessions } from './sessions.ts';
import type { StepUp, StepUpProof } from './step-up.ts';
import { newTotpSecret, totpEnrolment, totpStep, type TotpEnrolment } from './totp.ts';

/** A secret that was shown and not confirmed within this time is none. */
const enrolmentMs = 600_000;

export type SecondFactors = ReturnType<typeof createSecondFactors>;

/**
 * What a membership has beside its password, and how it comes to it. Each organisation has its own of a person, for
 * the reason for which it has its own password (docs/decisions/0013).
 */
export function createSecondFactors(options: {
  store: Database;
  encryption: Encryption;
  proofs: FactorProofs;
  sessions: Sessions;
  guesses: Guesses;
  stepUp: StepUp;
}) {
  const { store, encryption, proofs, sessions, guesses, stepUp } = options;

  /** Shows a new secret, which counts once a code of it was shown. @throws CONFLICT */
  async function beginTotp(tx: Store, key: MembershipKey): Promise<TotpEnrolment> {
    const { organisationId, userId } = key;
    const [organisation] = await tx.organisations.selectMany([organisationId]);
    const [member] = await tx.memberships.selectMany(organisationId, [userId]);
    const secret = newTotpSecret();
    const sealed = encryption.seal(secret, contextOf('totp', key));
    if ((await tx.totps.upsertUnconfirmed(key, sealed, new Date())) === 0) throw totpIsThere();
    return totpEnrolment(secret, organisation?.name ?? '', member?.email ?? '');
  }

  /** The membership must be locked. Answers new recovery codes. @throws CONFLICT, CREDENTIALS_REFUSED */
  async function confirmTotp(tx: Store, key: MembershipKey, code: string, field: 'code' | 'totp') {
    const totp = await tx.totps.selectOptional(key);
    if (!totp || totp.createdAt.getTime() < Date.now() - enrolmentMs) throw notBegun();
    if (totp.confirmedAt) throw totpIsThere();
    const step = totpStep(await encryption.open(totp.sealedSecret, contextOf('totp', key)), code);
    if (step === undefined) throw proofRefused(field);
    if ((await tx.totps.updateConfirmed(key, totp.sealedSecret, step)) === 0) throw notBegun();
    return renewRecoveryCodes(tx, key);
  }

  /** The old ones end. */
  async function renewRecoveryCodes(tx: Store, key: MembershipKey): Promise<string[]> {
    const codes = newRecoveryCodes();
    await tx.recoveryCodes.deleteAll(key);
    await tx.recoveryCodes.insertMany(
      key,
      codes.map((code) => proofs.digestOf(key, code)),
    );
    return codes;
  }

  /**
   * The session in which a factor was set up has shown it. The others end: they began without it (OWASP ASVS 5.0,
   * 7.4.3).
   */
  async function raiseSession(tx: Store, viewer: Viewer, method: LoginMethod): Promise<void> {
    const { organisationId, userId, sessionId } = viewer;
    const session = await tx.sessions.selectOptionalOfUser(organisationId, userId, sessionId);
    const methods = methodsWith(session?.methods ?? [], method, 'mfa');
    if (session) await tx.sessions.updateMethods(organisationId, sessionId, methods);
    await sessions.endAll(tx, viewer, sessionId);
  }

  /** Recovery codes stand in for another factor: without one they end. */
  async function endRecoveryCodesOfNone(tx: Store, key: MembershipKey): Promise<void> {
    const kinds = await proofs.kindsOf(tx, key);
    if (kinds.length === 0) await tx.recoveryCodes.deleteAll(key);
  }

  async function standingOf(key: MembershipKey): Promise<Standing> {
    const totp = await store.totps.selectOptional(key);
    const recoveryCodesLeft = await store.recoveryCodes.count(key);
    return { totpSince: totp?.confirmedAt ?? null, recoveryCodesLeft };
  }

  return {
    beginTotp,
    confirmTotp,
    renewRecoveryCodes,
    raiseSession,
    endRecoveryCodesOfNone,

    /** @throws TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED, SECOND_FACTOR_NEEDED, CONFLICT */
    async enrolTotp(viewer: Viewer, { currentPassword, ...proof }: FactorChange): Promise<TotpEnrolment> {
      await requirePassword(options, viewer, currentPassword, 'totp.enrol');
      await stepUp.require(viewer, proof, 'totp.enrol');
      return beginTotp(store, keyOf(viewer));
    },

    /** Answers the recovery codes, this once. @throws CREDENTIALS_REFUSED, CONFLICT */
    confirm: (viewer: Viewer, code: string): Promise<string[]> =>
      store.transaction(async (tx) => {
        await tx.memberships.lock(viewer.organisationId, viewer.userId);
        const codes = await confirmTotp(tx, keyOf(viewer), code, 'code');
        await raiseSession(tx, viewer, 'otp');
        await recordFactorAct(tx, 'totp.enrol', viewer, actorOf(viewer));
        return codes;
      }),

    /** @throws TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED, INVALID, CONFLICT */
    async removeTotp(viewer: Viewer, { currentPassword, ...proof }: TotpRemoval): Promise<Standing> {
      await requirePassword(options, viewer, currentPassword, 'totp.remove');
      const key = keyOf(viewer);
      const guess = await guesses.begin(guessedAt(key));
      const act = { act: 'totp.remove', by: actorOf(viewer), ...key, subjectId: viewer.userId } as const;
      await recordingRefusal(store, act, () =>
        store.transaction(async (tx) => {
          await tx.memberships.lock(viewer.organisationId, viewer.userId);
          if (!(await proofs.kindsOf(tx, key)).includes('TOTP'))
            throw conflict('No authenticator app is set up.');
          await proofs.prove(tx, key, proof);
          await tx.totps.delete(key);
          await endRecoveryCodesOfNone(tx, key);
          await recordFactorAct(tx, 'totp.remove', key, actorOf(viewer));
          if (proof.recoveryCode != null)
            await recordFactorAct(tx, 'recovery-code.use', key, actorOf(viewer));
        }),
      );
      await guess.wasRight();
      return standingOf(key);
    },

    /** Answers the new codes, this once. @throws TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED, SECOND_FACTOR_NEEDED, CONFLICT */
    async newRecoveryCodes(viewer: Viewer, { currentPassword, ...proof }: FactorChange): Promise<string[]> {
      await requirePassword(options, viewer, currentPassword, 'recovery-codes.renew');
      await stepUp.require(viewer, proof, 'recovery-codes.renew');
      const key = keyOf(viewer);
      return store.transaction(async (tx) => {
        await tx.memberships.lock(viewer.organisationId, viewer.userId);
        if ((await proofs.kindsOf(tx, key)).length === 0) throw conflict('Set up a second factor first.');
        const codes = await renewRecoveryCodes(tx, key);
        await recordFactorAct(tx, 'recovery-codes.renew', key, actorOf(viewer));
        return codes;
      });
    },

    of: (viewer: Viewer): Promise<Standing> => standingOf(keyOf(viewer)),
  };
}

/** Since when there is an authenticator app, and how many codes. */
export interface Standing {
  readonly totpSince: Date | null;
  readonly recoveryCodesLeft: number;
}

/** The password, and the second factor, where one is there. */
export interface FactorChange extends StepUpProof {
  readonly currentPassword: string;
}

export interface TotpRemoval extends Pick<Proof, 'totp' | 'recoveryCode'> {
  readonly currentPassword: string;
}

const totpIsThere = () => conflict('An authenticator app is set up already: remove it first.');

const notBegun = () => conflict('Begin to set up the authenticator app first: its secret lasts ten minutes.');
