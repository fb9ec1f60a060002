import { conflict, invalid, type Viewer } from '@lyceum/service';
import { mailLanguage } from '../mails/render-template.ts';
import type { Database } from '../store/store.ts';
import type { AccountLinks } from './account-links.ts';
import { actorOf, recordAct } from './audit.ts';
import type { Guesses } from './guesses.ts';
import { tellPasswordChanged } from './password-changed.ts';
import { hashPassword, passwordFault } from './passwords.ts';
import { requirePassword } from './require-password.ts';
import type { Sessions } from './sessions.ts';
import { requirePasswordLength } from './settings/password-length.ts';

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export type OwnPassword = ReturnType<typeof createOwnPassword>;

/** The password that a person has in the organisation in which they act. */
export function createOwnPassword(options: {
  store: Database;
  sessions: Sessions;
  guesses: Guesses;
  links: AccountLinks;
}) {
  const { store, sessions, links } = options;
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
      await requirePasswordLength(store, organisationId, ['input', 'newPassword'], newPassword);
      const act = { act: 'password.change', by: actorOf(viewer), organisationId, subjectId: userId } as const;
      const known = await requirePassword(options, viewer, currentPassword, act.act);
      const hash = await hashPassword(newPassword);
      return store.transaction(async (tx) => {
        const changed = await tx.memberships.updatePassword({ organisationId, userId }, known, hash, true);
        if (changed === 0) throw conflict('The password was changed meanwhile.');
        const endedSessions = await sessions.endAll(tx, viewer, viewer.sessionId);
        await tellPasswordChanged(tx, links, viewer, mailLanguage(undefined));
        await recordAct(tx, act);
        return endedSessions;
      });
    },
  };
}
