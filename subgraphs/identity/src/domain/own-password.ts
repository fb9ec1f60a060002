import { conflict, invalid, type Viewer } from '@lyceum/service';
import { mailLanguage } from '../mails/render-template.ts';
import type { Database } from '../store/store.ts';
import type { AccountLinks } from './account-links.ts';
import { notThePassword } from './errors.ts';
import { tellPasswordChanged } from './password-changed.ts';
import { hashPassword, passwordFault, passwordMatches } from './passwords.ts';
import type { Sessions } from './sessions.ts';

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export type OwnPassword = ReturnType<typeof createOwnPassword>;

/** The password that a person has in the organisation in which they act. */
export function createOwnPassword({
  store,
  sessions,
  links,
}: {
  store: Database;
  sessions: Sessions;
  links: AccountLinks;
}) {
  return {
    /**
     * Whoever holds an access token must know the password all the same (OWASP ASVS 4.0.3, 2.1.6). The viewer's other
     * sessions in the organisation end (3.3.3).
     *
     * @returns how many sessions were ended
     * @throws INVALID, CREDENTIALS_REFUSED, CONFLICT
     */
    async change(viewer: Viewer, { currentPassword, newPassword }: PasswordChange): Promise<number> {
      const fault = newPassword === currentPassword ? 'must be another one' : passwordFault(newPassword);
      if (fault !== undefined) throw invalid(['input', 'newPassword'], `The new password ${fault}.`);
      const { organisationId, userId } = viewer;
      const membership = await store.memberships.selectOptional(organisationId, userId);
      const known = membership?.passwordHash ?? null;
      if (!(await passwordMatches(known, currentPassword)) || known === null) throw notThePassword();
      const hash = await hashPassword(newPassword);
      return store.transaction(async (tx) => {
        const changed = await tx.memberships.updatePassword({ organisationId, userId }, known, hash);
        if (changed === 0) throw conflict('The password was changed meanwhile.');
        await tellPasswordChanged(tx, links, viewer, mailLanguage(undefined));
        return sessions.endAll(tx, viewer, viewer.sessionId);
      });
    },
  };
}
