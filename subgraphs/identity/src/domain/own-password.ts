import { conflict, invalid, type Viewer } from '@lyceum/service';
import type { Database } from '../store/store.ts';
import { actorOf, recordAct } from './audit.ts';
import { notThePassword } from './errors.ts';
import type { Guesses } from './guesses.ts';
import { hashPassword, passwordFault, passwordMatches } from './passwords.ts';
import type { Sessions } from './sessions.ts';

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export type OwnPassword = ReturnType<typeof createOwnPassword>;

/** The password that a person has in the organisation in which they act. */
export function createOwnPassword(options: { store: Database; sessions: Sessions; guesses: Guesses }) {
  const { store, sessions, guesses } = options;
  return {
    /**
     * Whoever holds an access token must know the password all the same (OWASP ASVS 4.0.3, 2.1.6). The viewer's other
     * sessions in the organisation end (3.3.3).
     *
     * @returns how many sessions were ended
     * @throws INVALID, TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED, CONFLICT
     */
    async change(viewer: Viewer, { currentPassword, newPassword }: PasswordChange): Promise<number> {
      const fault = newPassword === currentPassword ? 'must be another one' : passwordFault(newPassword);
      if (fault !== undefined) throw invalid(['input', 'newPassword'], `The new password ${fault}.`);
      const { organisationId, userId } = viewer;
      const guess = await guesses.begin(`${organisationId} ${userId}`);
      const membership = await store.memberships.selectOptional(organisationId, userId);
      const known = membership?.passwordHash ?? null;
      const act = { act: 'password.change', by: actorOf(viewer), organisationId, subjectId: userId } as const;
      if (!(await passwordMatches(known, currentPassword)) || known === null) {
        await recordAct(store, { ...act, refused: 'CREDENTIALS_REFUSED' });
        throw notThePassword();
      }
      await guess.wasRight();
      const hash = await hashPassword(newPassword);
      return store.transaction(async (tx) => {
        const changed = await tx.memberships.updatePassword({ organisationId, userId }, known, hash);
        if (changed === 0) throw conflict('The password was changed meanwhile.');
        const endedSessions = await sessions.endAll(tx, viewer, viewer.sessionId);
        await recordAct(tx, act);
        return endedSessions;
      });
    },
  };
}
