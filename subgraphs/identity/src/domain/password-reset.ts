import { mailLanguage } from '../mails/render-template.ts';
import type { AccountToken } from '../store/account-tokens.ts';
import type { MembershipOfAddress } from '../store/memberships.ts';
import type { Database, Store } from '../store/store.ts';
import type { AccountLinks } from './account-links.ts';
import { mayBeMailed, platform, writeMail } from './account-mails.ts';
import { issueToken, readToken, spendToken } from './account-tokens.ts';
import { recordAct, recordActs, visitor } from './audit.ts';
import { checkedEmail } from './checked-text.ts';
import { hourMs } from './durations.ts';
import { inEqualTime } from './equal-time.ts';
import { tokenRefused } from './errors.ts';
import { countMailRequest } from './mail-limits.ts';
import { tellPasswordChanged } from './password-changed.ts';
import { checkedPassword, hashPassword } from './passwords.ts';
import { stateOfPassword } from './secrets.ts';
import type { PersonalAccessTokens } from './personal-access-tokens.ts';
import type { Sessions } from './sessions.ts';
import { requirePasswordLength } from './settings/password-length.ts';

export interface ResetRequest {
  readonly email: string;
  /** A slug: only there. */
  readonly organisation?: string | null | undefined;
  readonly locale?: string | null | undefined;
}

const HOURS = 1;

export type PasswordReset = ReturnType<typeof createPasswordReset>;

/** A new password for who has forgotten theirs (OWASP Forgot Password Cheat Sheet). */
export function createPasswordReset(options: {
  store: Database;
  sessions: Sessions;
  personalAccessTokens: PersonalAccessTokens;
  links: AccountLinks;
}) {
  const { store, sessions, personalAccessTokens, links } = options;

  async function linkInto(
    tx: Store,
    membership: MembershipOfAddress,
    { email, locale }: { email: string; locale: string },
  ) {
    const { organisationId, userId, passwordHash, organisation } = membership;
    const passwordState = stateOfPassword(passwordHash);
    const what = { purpose: 'PASSWORD_RESET', organisationId, userId, email, locale, passwordState } as const;
    const { token } = await issueToken(tx, what, HOURS);
    return { label: organisation.name, url: links.withToken('reset-password', token) };
  }

  async function request({ email: given, organisation, locale: wanted }: ResetRequest): Promise<string> {
    const email = checkedEmail(['input', 'email'], given);
    const locale = mailLanguage(wanted);
    await countMailRequest(store, organisation);
    await store.transaction(async (tx) => {
      const memberships = await tx.memberships.selectManyByEmail(email);
      const named = memberships.filter((each) => !organisation || each.organisation.slug === organisation);
      if (named.length === 0 || !(await mayBeMailed(tx, email, 'passwordReset'))) return;
      const into = [];
      for (const membership of named) into.push(await linkInto(tx, membership, { email, locale }));
      const deliverUntil = new Date(Date.now() + HOURS * hourMs);
      await writeMail(
        tx,
        'passwordReset',
        { links: into },
        { recipient: email, locale, sender: platform, deliverUntil },
      );
      await recordActs(tx, named.map(requested));
    });
    return email;
  }

  return {
    /** Answers the address; the same, and in the same time, whether or not it has an account. @throws INVALID, TOO_MANY_ATTEMPTS */
    request: (input: ResetRequest): Promise<string> => inEqualTime(() => request(input)),

    /**
     * Sets the password of a membership. All its sessions end, and its personal access tokens: whoever had the password
     * may have made one, to stay in.
     *
     * @returns the slug of the organisation that the password opens
     * @throws INVALID, TOKEN_REFUSED
     */
    async reset({ token, newPassword }: { token: string; newPassword: string }): Promise<string> {
      const password = checkedPassword(['input', 'newPassword'], newPassword);
      const known = await readToken(store, token, 'PASSWORD_RESET');
      await requirePasswordLength(store, known.organisationId, ['input', 'newPassword'], password);
      const hash = await hashPassword(password);
      return store.transaction(async (tx) => {
        await spendToken(tx, known);
        const person = { organisationId: known.organisationId, userId: known.userId ?? '' };
        await replacePassword(tx, person, known, hash);
        await sessions.endAll(tx, person);
        await personalAccessTokens.revokeAll(tx, person);
        await tx.accountTokens.updateManySpent({ purpose: 'PASSWORD_RESET', ...person });
        const slug = await tellPasswordChanged(tx, links, person, known.locale);
        await recordAct(tx, { ...act(person), act: 'password.reset' });
        return slug;
      });
    },
  };
}

interface Person {
  readonly organisationId: string;
  readonly userId: string;
}

/** Whoever has the link acts, and is nobody who is logged in. */
const act = ({ organisationId, userId: subjectId }: Person) => ({ by: visitor, organisationId, subjectId });

const requested = (person: Person) => ({ ...act(person), act: 'password.reset.request' }) as const;

/** @throws TOKEN_REFUSED where the password was changed since the link was made, or the person was taken out, or is kept out */
async function replacePassword(
  tx: Store,
  person: Person,
  { passwordState }: AccountToken,
  hash: string,
): Promise<void> {
  const membership = await tx.memberships.selectOptionalOpen(person.organisationId, person.userId);
  if (membership === null || stateOfPassword(membership.passwordHash) !== passwordState) throw tokenRefused();
  const changed = await tx.memberships.updatePassword(person, membership.passwordHash, hash, true);
  if (changed === 0) throw tokenRefused();
}
