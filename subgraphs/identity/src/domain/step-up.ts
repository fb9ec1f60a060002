import type { Viewer } from '@lyceum/service';
import type { Database } from '../store/store.ts';
import { actorOf, type AuditEntry } from './audit.ts';
import { minuteMs } from './durations.ts';
import { secondFactorNeeded } from './errors.ts';
import { recordFactorAct } from './factor-acts.ts';
import { guessedAt, type FactorProofs, type Proof } from './factor-proofs.ts';
import type { Guesses } from './guesses.ts';
import { keyOf } from './membership-key.ts';
import { recordingRefusal } from './recording-refusal.ts';

/** What is shown beside the password, of who has a second factor and logged in with it a while ago. */
export type StepUpProof = Pick<Proof, 'totp' | 'recoveryCode'>;

export type StepUp = ReturnType<typeof createStepUp>;

/** For so long after a login with a second factor it is not asked for again. */
const recentMs = 15 * minuteMs;

/**
 * Whoever changes the factors of an account that has some must have shown one of them lately: else the password alone,
 * which the second factor is there to be more than, would add or take them (OWASP ASVS 5.0, 7.5.1; NIST SP 800-63B-4,
 * 4.1.2).
 */
export function createStepUp(options: { store: Database; proofs: FactorProofs; guesses: Guesses }) {
  const { store, proofs, guesses } = options;

  async function isRecent({ organisationId, userId, sessionId }: Viewer): Promise<boolean> {
    const session = await store.sessions.selectOptionalOfUser(organisationId, userId, sessionId);
    const since = Date.now() - recentMs;
    return session?.methods.includes('mfa') === true && session.createdAt.getTime() > since;
  }

  /** Uses the code up. A refusal is recorded as one of `act`. */
  async function prove(viewer: Viewer, proof: StepUpProof, act: AuditEntry['act']): Promise<void> {
    const key = keyOf(viewer);
    const guess = await guesses.begin(guessedAt(key));
    const { organisationId, userId: subjectId } = key;
    const entry = { act, by: actorOf(viewer), organisationId, subjectId };
    await recordingRefusal(store, entry, () =>
      store.transaction(async (tx) => {
        await tx.memberships.lock(organisationId, subjectId);
        await proofs.prove(tx, key, proof);
        if (proof.recoveryCode != null) await recordFactorAct(tx, 'recovery-code.use', key, actorOf(viewer));
      }),
    );
    await guess.wasRight();
  }

  return {
    /** @throws SECOND_FACTOR_NEEDED, INVALID, TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED */
    async require(viewer: Viewer, proof: StepUpProof, act: AuditEntry['act']): Promise<void> {
      if ((await proofs.kindsOf(store, keyOf(viewer))).length === 0) return;
      if (proof.totp != null || proof.recoveryCode != null) await prove(viewer, proof, act);
      else if (!(await isRecent(viewer))) throw secondFactorNeeded();
    },
  };
}
