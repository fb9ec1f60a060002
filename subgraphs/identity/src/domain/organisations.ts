import { conflict, invalid, newId, notFound, viewerMay, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import { mailLanguage } from '../mails/render-template.ts';
import type { Organisation } from '../store/organisations.ts';
import type { Database, Store } from '../store/store.ts';
import type { AccountLinks } from './account-links.ts';
import { actOn, type AuditEntry } from './audit.ts';
import { checkedEmail, checkedName } from './checked-text.ts';
import { inviteTo, requireStranger } from './invitation-mails.ts';
import { changeOrganisation, recordInBoth } from './organisation-change.ts';
import { requireNow } from './require-now.ts';

export interface NewOrganisation {
  readonly slug: string;
  readonly name: string;
  readonly administratorEmail: string;
  readonly locale?: string | null | undefined;
}

export type Organisations = ReturnType<typeof createOrganisations>;

/** Organisations, as the platform makes them (docs/decisions/0018). It acts upon them, and is in none by it. */
export function createOrganisations(options: {
  store: Database;
  events: IdentityEvents;
  links: AccountLinks;
}) {
  const { store, events, links } = options;
  return {
    /** The viewer's own, or for who stands above them any. @throws NOT_FOUND */
    async byId(viewer: Viewer, id: string): Promise<Organisation> {
      const isSeen = id === viewer.organisationId || viewerMay(viewer, 'organisation.list');
      const [organisation] = isSeen ? await store.organisations.selectMany([id]) : [];
      if (!organisation) throw notFound('organisation', id);
      return organisation;
    },

    /** What everybody may see of one that is open. */
    async publicBySlug(slug: string): Promise<Organisation | null> {
      const organisation = await store.organisations.selectOptionalBySlug(slug);
      return organisation && !organisation.suspendedAt ? organisation : null;
    },

    /** @throws INVALID; CONFLICT where the slug is another's, or the same was asked for before */
    async create(viewer: Viewer, input: NewOrganisation): Promise<Organisation> {
      const row = {
        id: newId('org'),
        slug: checkedSlug(input.slug),
        name: checkedName(['input', 'name'], input.name),
      };
      const email = checkedEmail(['input', 'administratorEmail'], input.administratorEmail);
      const entry = actOn(viewer, 'organisation.create', row.id);
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'organisation.create');
        const organisation = await tx.organisations.insertOptional({
          ...row,
          registration: 'BY_INVITATION',
        });
        if (!organisation) throw slugTaken();
        await events.organisationCreated(tx, organisation);
        await inviteTo(tx, links, organisation, invitationFor(viewer, email, input.locale));
        const changes = {
          slug: [null, row.slug],
          name: [null, row.name],
          administrator: [null, email],
        } as const;
        await recordInBoth(tx, { ...entry, changes }, organisation.id);
        return organisation;
      });
    },

    /** @throws INVALID, NOT_FOUND, EMAIL_TAKEN; CONFLICT where somebody administers it already */
    async inviteAdministrator(
      viewer: Viewer,
      input: { id: string; email: string; locale?: string | null | undefined },
    ): Promise<Organisation> {
      const email = checkedEmail(['input', 'email'], input.email);
      const invite = async (tx: Store, organisation: Organisation, entry: AuditEntry) => {
        if ((await tx.memberships.countWithRole(organisation.id, 'ADMIN')) > 0) throw administered();
        if (organisation.suspendedAt) throw conflict('The organisation is suspended.', ['input', 'id']);
        await requireStranger(tx, organisation.id, email);
        await inviteTo(tx, links, organisation, invitationFor(viewer, email, input.locale));
        await recordInBoth(tx, { ...entry, changes: { administrator: [null, email] } }, organisation.id);
        return organisation;
      };
      const [permission, act] = ['organisation.create', 'organisation.administrator.invite'] as const;
      return changeOrganisation(store, viewer, { id: input.id, permission, act }, invite);
    },
  };
}

function invitationFor(viewer: Viewer, email: string, locale: string | null | undefined) {
  return {
    email,
    roles: ['ADMIN'],
    locale: mailLanguage(locale),
    invitedBy: viewer.userId,
    inviterOrganisationId: viewer.organisationId,
  } as const;
}

const slugTaken = () => conflict('An organisation has this slug already.', ['input', 'slug']);

const administered = () =>
  conflict('The organisation has an administrator, who invites others.', ['input', 'id']);

/** As it stands in addresses: a label of the DNS, or longer. @throws INVALID */
function checkedSlug(slug: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?$/.test(slug)) return slug;
  throw invalid(['input', 'slug'], 'A slug has 1 to 100 lower-case letters and digits, and hyphens within.');
}
