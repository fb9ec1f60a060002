import { isUniqueViolation } from '@lyceum/postgres';
import { invalid, newId, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import { mailLanguage } from '../mails/render-template.ts';
import type { AccountToken } from '../store/account-tokens.ts';
import type { Database, Store } from '../store/store.ts';
import type { User } from '../store/users.ts';
import type { AccountLinks } from './account-links.ts';
import { mayBeMailed, platform, writeMail } from './account-mails.ts';
import { issueToken, readToken, spendToken } from './account-tokens.ts';
import { actorOf, recordAct, visitor } from './audit.ts';
import { checkedEmail } from './checked-text.ts';
import { emailTaken, tokenRefused } from './errors.ts';
import type { Guesses } from './guesses.ts';
import { countMailRequest } from './mail-limits.ts';
import { requirePassword } from './require-password.ts';
import { stateOfPassword } from './secrets.ts';

export interface ChangeRequest {
  readonly newEmail: string;
  readonly currentPassword: string;
  readonly locale?: string | null | undefined;
}

/** What is asked for, checked. */
interface Wanted {
  readonly email: string;
  readonly locale: string;
  /** Of the password that was shown: who changes it, since somebody else knows it, ends what they asked for. */
  readonly passwordState: string;
}

const HOURS = 24;
const purposes = ['EMAIL_CHANGE', 'EMAIL_CHANGE_CONSENT'] as const;

export type EmailChange = ReturnType<typeof createEmailChange>;

/**
 * Another address for an account. The new one shows that it is theirs; the old one is told, and has to agree where the
 * account belongs to several organisations: a password is one organisation's, whose administrator may have set it, and
 * would otherwise lead to the links that open the others.
 */
export function createEmailChange(options: {
  store: Database;
  events: IdentityEvents;
  links: AccountLinks;
  guesses: Guesses;
}) {
  const { store, events, links } = options;

  async function issueLinks(
    tx: Store,
    viewer: Viewer,
    { email, locale, passwordState }: Wanted,
  ): Promise<string | undefined> {
    const { userId, organisationId } = viewer;
    await tx.accountTokens.updateManySpent({ purpose: { in: [...purposes] }, userId });
    const what = { organisationId, userId, email, locale, passwordState, changeId: newId('change') };
    const { token, expiresAt } = await issueToken(tx, { ...what, purpose: 'EMAIL_CHANGE' }, HOURS);
    const url = links.withToken('change-address', token);
    const envelope = { recipient: email, locale, sender: platform, deliverUntil: expiresAt };
    await writeMail(tx, 'addressChange', { url }, envelope);
    if ((await tx.memberships.countOfUser(userId)) < 2) return undefined;
    const consent = await issueToken(tx, { ...what, purpose: 'EMAIL_CHANGE_CONSENT' }, HOURS);
    return links.withToken('change-address', consent.token);
  }

  /** Neither who asks nor the time tells whether the address has an account: its owner is told. */
  async function askBoth(tx: Store, viewer: Viewer, account: User, wanted: Wanted): Promise<void> {
    const { email, locale } = wanted;
    const isTaken = (await tx.users.selectOptionalByEmail(email)) !== null;
    const template = isTaken ? 'addressInUse' : 'addressChange';
    if (!(await mayBeMailed(tx, email, template))) return;
    if (!(await mayBeMailed(tx, account.email, 'addressChangeAsked'))) return;
    if (isTaken) await writeMail(tx, 'addressInUse', {}, { recipient: email, locale, sender: platform });
    const url = isTaken ? undefined : await issueLinks(tx, viewer, wanted);
    const name = await nameOf(tx, viewer);
    const envelope = { recipient: account.email, locale, sender: platform };
    await writeMail(tx, 'addressChangeAsked', { name, url }, envelope);
  }

  async function change(tx: Store, known: AccountToken): Promise<void> {
    const { email, locale, organisationId } = known;
    const account = await tx.users.select(known.userId ?? '');
    const changed = await tx.users.updateEmail(account.id, email);
    // They were mailed to the address of before.
    await tx.accountTokens.updateManySpent({ purpose: 'PASSWORD_RESET', userId: account.id });
    const name = await nameOf(tx, { organisationId, userId: account.id });
    await events.userUpdated(tx, changed, name);
    await writeMail(tx, 'addressChanged', { name }, { recipient: account.email, locale, sender: platform });
    const act = { act: 'email.change', by: visitor, organisationId, subjectId: account.id } as const;
    await recordAct(tx, { ...act, changes: { email: [account.email, email] } });
  }

  return {
    /** Answers the new address, to which a link is mailed. @throws INVALID, TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED */
    async request(viewer: Viewer, input: ChangeRequest): Promise<string> {
      const email = checkedEmail(['input', 'newEmail'], input.newEmail);
      const { organisationId, userId } = viewer;
      const act = {
        act: 'email.change.request',
        by: actorOf(viewer),
        organisationId,
        subjectId: userId,
      } as const;
      await countMailRequest(store, organisationId);
      const passwordHash = await requirePassword(options, viewer, input.currentPassword, act.act);
      const account = await store.users.select(userId);
      if (account.email === email) throw invalid(['input', 'newEmail'], 'This is the address already.');
      const wanted = {
        email,
        locale: mailLanguage(input.locale),
        passwordState: stateOfPassword(passwordHash),
      };
      await store.transaction(async (tx) => {
        await askBoth(tx, viewer, account, wanted);
        await recordAct(tx, { ...act, changes: { email: [account.email, email] } });
      });
      return email;
    },

    /**
     * Uses one of the links.
     *
     * @returns whether the address was changed; false where the other address has to agree first
     * @throws TOKEN_REFUSED, EMAIL_TAKEN where another account took the address meanwhile
     */
    async confirm(token: string): Promise<boolean> {
      const known = await readToken(store, token, ...purposes);
      const confirmed = store.transaction(async (tx) => {
        // The two links may be used at once: the second then sees that the first was.
        await tx.users.lock(known.userId ?? '');
        await spendToken(tx, known);
        await requireSamePassword(tx, known);
        if (await isAwaited(tx, known)) return false;
        await change(tx, known);
        return true;
      });
      return confirmed.catch((error: unknown) => {
        throw isUniqueViolation(error, 'email') ? emailTaken() : error;
      });
    },
  };
}

/** @throws TOKEN_REFUSED where the password with which the change was asked for is another one since, or opens nothing */
async function requireSamePassword(tx: Store, token: AccountToken): Promise<void> {
  const membership = await tx.memberships.selectOptionalOpen(token.organisationId, token.userId ?? '');
  if (stateOfPassword(membership?.passwordHash ?? null) !== token.passwordState) throw tokenRefused();
}

/** Must the other address agree still? @throws TOKEN_REFUSED where it must and was not asked */
async function isAwaited(tx: Store, { userId, changeId }: AccountToken): Promise<boolean> {
  const ofChange = { purpose: { in: [...purposes] }, userId: userId ?? '', changeId: changeId ?? '' };
  const links = await tx.accountTokens.count(ofChange);
  // They joined another organisation after they asked.
  if (links < 2 && (await tx.memberships.countOfUser(userId ?? '')) > 1) throw tokenRefused();
  return (await tx.accountTokens.count({ ...ofChange, spentAt: null })) > 0;
}

async function nameOf(tx: Store, { organisationId, userId }: Pick<Viewer, 'organisationId' | 'userId'>) {
  return (await tx.memberships.selectOptional(organisationId, userId))?.name ?? '';
}
