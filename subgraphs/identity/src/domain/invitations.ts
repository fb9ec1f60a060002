import type { ConnectionSource } from '@lyceum/graphql';
import { conflict, notFound, type Role, type Viewer, expanded } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import { mailLanguage } from '../mails/render-template.ts';
import type { Invitation } from '../store/invitations.ts';
import type { Organisation } from '../store/organisations.ts';
import type { Database, Store } from '../store/store.ts';
import type { AccountLinks } from './account-links.ts';
import { readToken, spendToken } from './account-tokens.ts';
import { actOn, recordAct, visitor } from './audit.ts';
import { checkedEmail, checkedName } from './checked-text.ts';
import { checkedRoles } from './checked-roles.ts';
import { tokenRefused } from './errors.ts';
import { inviteTo, invitationEnd, mailInvitation, requireStranger } from './invitation-mails.ts';
import { checkedPassword, hashPassword } from './passwords.ts';
import { requireRolesOf } from './platform-rights.ts';
import { registerPerson } from './register-person.ts';
import type { Joined } from './registration.ts';
import { heldNow } from './machine-rights.ts';
import { countMailRequest } from './mail-limits.ts';
import { requireAll, requireNow } from './require-now.ts';
import { requirePasswordLength } from './settings/password-length.ts';

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

export type Invitations = ReturnType<typeof createInvitations>;

/** Asking people to join an organisation. Who accepts shows that the address is theirs. */
export function createInvitations(options: { store: Database; events: IdentityEvents; links: AccountLinks }) {
  const { store, events, links } = options;

  /** @throws NOT_FOUND */
  async function known(tx: Store, organisationId: string, id: string): Promise<Invitation> {
    const invitation = await tx.invitations.selectOptional(organisationId, id);
    if (!invitation) throw notFound('invitation', id, ['input', 'id']);
    return invitation;
  }

  return {
    listed: ({ organisationId }: Viewer): ConnectionSource<Invitation> => ({
      rows: (page) => store.invitations.selectPage(organisationId, page),
      key: ({ id }) => [id],
      count: () => store.invitations.count(organisationId),
    }),

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
      const guest = {
        email,
        roles,
        locale: mailLanguage(input.locale),
        invitedBy,
        inviterOrganisationId: null,
      };
      await countMailRequest(store, organisationId);
      return store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        requireAll(await requireNow(tx, viewer, 'invitation.create'), expanded(roles));
        await requireRolesOf(tx, organisationId, roles);
        await requireStranger(tx, organisationId, email);
        const organisation = await requireOpen(tx, organisationId, isClosed);
        const invitation = await inviteTo(tx, links, organisation, guest);
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
        const renewed = { expiresAt: invitationEnd(), invitedBy: viewer.userId, inviterOrganisationId: null };
        if ((await tx.invitations.updateRenewed(organisationId, id, renewed)) === 0) throw overAlready();
        const invitation = await known(tx, organisationId, id);
        const organisation = await requireOpen(tx, organisationId, isClosed);
        await mailInvitation(tx, links, organisation, invitation);
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

    /** Takes in whom the link was mailed to, whether or not they have an account elsewhere. @throws INVALID, TOKEN_REFUSED, PLAN_LIMIT */
    async accept({ token, name, password }: Acceptance): Promise<Joined> {
      const checked = {
        name: checkedName(['input', 'name'], name),
        password: checkedPassword(['input', 'password'], password),
      };
      const known = await readToken(store, token, 'INVITATION');
      await requirePasswordLength(store, known.organisationId, ['input', 'password'], password);
      const passwordHash = await hashPassword(checked.password);
      const { organisationId, invitationId, email } = known;
      return store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        await spendToken(tx, known);
        const invitation = await tx.invitations.selectOptional(organisationId, invitationId ?? '');
        if (!invitation) throw tokenRefused();
        const organisation = await requireOpen(tx, organisationId, tokenRefused, isFromAbove(invitation));
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

const isClosed = () =>
  conflict('The organisation is closed, also to who is invited. `registrationUpdate` opens it.');

const isFromAbove = ({ inviterOrganisationId }: Invitation) => inviterOrganisationId !== null;

/** Whom the platform asks to administer an organisation comes in, whomever else it takes in. */
async function requireOpen(
  tx: Store,
  organisationId: string,
  refusal: () => Error,
  fromAbove = false,
): Promise<Organisation> {
  const [organisation] = await tx.organisations.selectMany([organisationId]);
  const isOpen = organisation && (fromAbove || organisation.registration !== 'CLOSED');
  if (!isOpen || organisation.suspendedAt) throw refusal();
  return organisation;
}

/**
 * Who invited must hold what they give until it is taken: else who is about to be taken out invites themselves, and comes
 * back as what they were. @throws TOKEN_REFUSED
 */
async function requireInviter(tx: Store, invitation: Invitation): Promise<void> {
  const { organisationId, inviterOrganisationId, invitedBy: userId, roles } = invitation;
  const inviter = { organisationId: inviterOrganisationId ?? organisationId, userId, sessionId: '' };
  const { permissions } = await heldNow(tx, inviter);
  const needed = isFromAbove(invitation)
    ? ['organisation.create' as const]
    : ['invitation.create' as const, ...expanded(roles)];
  if (!needed.every((name) => permissions.has(name))) throw tokenRefused();
}
