import type { Page } from '@lyceum/graphql';
import { conflict, newId, notFound, type Role, type Viewer, expanded } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import { mailLanguage } from '../mails/render-template.ts';
import type { Invitation } from '../store/invitations.ts';
import type { Organisation } from '../store/organisations.ts';
import type { Database, Store } from '../store/store.ts';
import type { AccountLinks } from './account-links.ts';
import { mayBeMailed, writeMail } from './account-mails.ts';
import { issueToken, readToken, spendToken } from './account-tokens.ts';
import { actOn, recordAct, visitor } from './audit.ts';
import { checkedEmail, checkedName } from './checked-text.ts';
import { checkedRoles } from './checked-roles.ts';
import { dayMs } from './durations.ts';
import { emailTaken, tokenRefused } from './errors.ts';
import { checkedPassword, hashPassword } from './passwords.ts';
import { registerPerson } from './register-person.ts';
import type { Joined } from './registration.ts';
import { heldNow } from './machine-rights.ts';
import { countMailRequest } from './mail-limits.ts';
import { requireAll, requireNow } from './require-now.ts';

export interface NewInvitation {
  readonly email: string;
  readonly roles: readonly Role[];
  readonly locale?: string | null | undefined;
}

export interface Acceptance {
  readonly token: string;
  readonly name: string;
  readonly password: string;
}

export type InvitationState = 'PENDING' | 'EXPIRED' | 'ACCEPTED' | 'REVOKED';

const DAYS = 7;

export type Invitations = ReturnType<typeof createInvitations>;

/** Asking people to join an organisation. Who accepts shows that the address is theirs. */
export function createInvitations(options: { store: Database; events: IdentityEvents; links: AccountLinks }) {
  const { store, events, links } = options;

  /** A new link for an invitation; those before it are void. @throws CONFLICT */
  async function mail(tx: Store, viewer: Viewer, invitation: Invitation): Promise<void> {
    const { id: invitationId, organisationId, email, locale } = invitation;
    if (!(await mayBeMailed(tx, email, 'invitation'))) {
      throw conflict('This address was mailed several times within an hour. Try again later.');
    }
    const [organisation, inviter] = await namesFor(tx, viewer);
    await tx.accountTokens.updateManySpent({ purpose: 'INVITATION', organisationId, invitationId });
    const what = { purpose: 'INVITATION', organisationId, email, locale, invitationId } as const;
    const { token, expiresAt } = await issueToken(tx, what, DAYS * 24);
    const url = links.withToken('invitation', token);
    const variables = { organisation: organisation.name, inviter, url, days: DAYS };
    const envelope = { recipient: email, locale, sender: organisation.name, deliverUntil: expiresAt };
    await writeMail(tx, 'invitation', variables, envelope);
  }

  /** @throws NOT_FOUND */
  async function known(tx: Store, organisationId: string, id: string): Promise<Invitation> {
    const invitation = await tx.invitations.selectOptional(organisationId, id);
    if (!invitation) throw notFound('invitation', id, ['input', 'id']);
    return invitation;
  }

  return {
    page: (viewer: Viewer, page: Page) => store.invitations.selectPage(viewer.organisationId, page),

    count: (viewer: Viewer) => store.invitations.count(viewer.organisationId),

    stateOf({ acceptedAt, revokedAt, expiresAt }: Invitation): InvitationState {
      if (acceptedAt) return 'ACCEPTED';
      if (revokedAt) return 'REVOKED';
      return expiresAt.getTime() <= Date.now() ? 'EXPIRED' : 'PENDING';
    },

    /** Takes the place of one that is open to the same address. @throws INVALID, TOO_MANY_ATTEMPTS, EMAIL_TAKEN, CONFLICT */
    async create(viewer: Viewer, input: NewInvitation): Promise<Invitation> {
      const email = checkedEmail(['input', 'email'], input.email);
      const roles = checkedRoles(input.roles);
      const { organisationId, userId: invitedBy } = viewer;
      const expiresAt = new Date(Date.now() + DAYS * dayMs);
      const locale = mailLanguage(input.locale);
      const row = { id: newId('invite'), organisationId, email, roles, locale, invitedBy, expiresAt };
      await countMailRequest(store, organisationId);
      return store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        requireAll(await requireNow(tx, viewer, 'invitation.create'), expanded(roles));
        await requireStranger(tx, organisationId, email);
        for (const { id: invitationId } of await tx.invitations.updateOpenRevoked(organisationId, email)) {
          await tx.accountTokens.updateManySpent({ purpose: 'INVITATION', organisationId, invitationId });
        }
        const invitation = await tx.invitations.insert(row);
        await mail(tx, viewer, invitation);
        const changes = { email: [null, email], roles: [[], roles] } as const;
        await recordAct(tx, actOn(viewer, 'invitation.create', invitation.id, changes));
        return invitation;
      });
    },

    /** A new mail with a new link, and seven more days: the invitation is the viewer's now. @throws TOO_MANY_ATTEMPTS, NOT_FOUND, CONFLICT */
    async resend(viewer: Viewer, id: string): Promise<Invitation> {
      const { organisationId } = viewer;
      await countMailRequest(store, organisationId);
      return store.transaction(async (tx) => {
        const held = await requireNow(tx, viewer, 'invitation.create');
        requireAll(held, expanded((await known(tx, organisationId, id)).roles));
        const expiresAt = new Date(Date.now() + DAYS * dayMs);
        const renewed = { expiresAt, invitedBy: viewer.userId };
        if ((await tx.invitations.updateRenewed(organisationId, id, renewed)) === 0) throw overAlready();
        const invitation = await known(tx, organisationId, id);
        await mail(tx, viewer, invitation);
        await recordAct(tx, actOn(viewer, 'invitation.resend', id));
        return invitation;
      });
    },

    /** Ends an invitation; ending it again changes nothing. @throws NOT_FOUND, CONFLICT where it was accepted */
    async revoke(viewer: Viewer, id: string): Promise<Invitation> {
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'invitation.revoke');
        await known(tx, organisationId, id);
        const revoked = await tx.invitations.updateRevoked(organisationId, id);
        await tx.accountTokens.updateManySpent({ purpose: 'INVITATION', organisationId, invitationId: id });
        const invitation = await known(tx, organisationId, id);
        if (invitation.acceptedAt) throw overAlready();
        if (revoked > 0) await recordAct(tx, actOn(viewer, 'invitation.revoke', id));
        return invitation;
      });
    },

    /** Takes in whom the link was mailed to, whether or not they have an account elsewhere. @throws INVALID, TOKEN_REFUSED */
    async accept({ token, name, password }: Acceptance): Promise<Joined> {
      const checked = {
        name: checkedName(['input', 'name'], name),
        password: checkedPassword(['input', 'password'], password),
      };
      const known = await readToken(store, token, 'INVITATION');
      const passwordHash = await hashPassword(checked.password);
      const { organisationId, invitationId, email } = known;
      return store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        await spendToken(tx, known);
        const organisation = await requireOpen(tx, organisationId, tokenRefused);
        const invitation = await tx.invitations.selectOptional(organisationId, invitationId ?? '');
        if (!invitation) throw tokenRefused();
        await requireInviter(tx, invitation);
        const accepted = await tx.invitations.updateAccepted(organisationId, invitation.id);
        const person = { name: checked.name, email, passwordHash, roles: invitation.roles as Role[] };
        const member = accepted > 0 && (await registerPerson(tx, events, organisationId, person));
        if (!member) throw tokenRefused();
        await tx.accountTokens.updateManySpent({ purpose: 'REGISTRATION', organisationId, email });
        const changes = { email: [null, email], roles: [[], member.roles] } as const;
        const act = { act: 'invitation.accept', by: visitor, organisationId, subjectId: member.id } as const;
        await recordAct(tx, { ...act, changes });
        return { organisation: organisation.slug, email };
      });
    },
  };
}

const overAlready = () => conflict('This invitation was accepted or revoked.');

async function namesFor(tx: Store, viewer: Viewer): Promise<[Organisation, string]> {
  const isClosed = () =>
    conflict('The organisation is closed, also to who is invited. `registrationUpdate` opens it.');
  const organisation = await requireOpen(tx, viewer.organisationId, isClosed);
  const inviter = await tx.memberships.selectOptional(viewer.organisationId, viewer.userId);
  return [organisation, inviter?.name ?? organisation.name];
}

async function requireOpen(tx: Store, organisationId: string, refusal: () => Error): Promise<Organisation> {
  const [organisation] = await tx.organisations.selectMany([organisationId]);
  if (!organisation || organisation.registration === 'CLOSED') throw refusal();
  return organisation;
}

/**
 * Who invited must hold what they give until it is taken: else who is about to be taken out invites themselves, and comes
 * back as what they were. @throws TOKEN_REFUSED
 */
async function requireInviter(
  tx: Store,
  { organisationId, invitedBy: userId, roles }: Invitation,
): Promise<void> {
  const { permissions } = await heldNow(tx, { organisationId, userId, sessionId: '' });
  const needed = ['invitation.create' as const, ...expanded(roles)];
  if (!needed.every((name) => permissions.has(name))) throw tokenRefused();
}

/** @throws EMAIL_TAKEN, CONFLICT */
async function requireStranger(tx: Store, organisationId: string, email: string): Promise<void> {
  const account = await tx.users.selectOptionalByEmail(email);
  const membership = account && (await tx.memberships.selectOptional(organisationId, account.id));
  if (!membership) return;
  if (membership.roles.length > 0) throw emailTaken();
  throw conflict('This person was taken out of the organisation. `membershipUpdate` takes them back.');
}
