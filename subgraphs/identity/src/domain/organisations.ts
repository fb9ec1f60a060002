import type { CursorKey, Page } from '@lyceum/graphql';
import {
  conflict,
  invalid,
  newId,
  notFound,
  requirePermission,
  viewerMay,
  type Viewer,
} from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import { mailLanguage } from '../mails/render-template.ts';
import type {
  ListedOrganisation,
  Organisation,
  OrganisationOrder,
  OrganisationSelection,
} from '../store/organisations.ts';
import type { Database, Store } from '../store/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { AccountLinks } from './account-links.ts';
import { actOn, recordActs, type AuditEntry } from './audit.ts';
import { checkedEmail, checkedName, checkedSearch } from './checked-text.ts';
import { inviteTo, requireStranger } from './invitation-mails.ts';
import { requireNow } from './require-now.ts';

export interface NewOrganisation {
  readonly slug: string;
  readonly name: string;
  readonly administratorEmail: string;
  readonly locale?: string | null | undefined;
}

export interface OrganisationFilter {
  readonly search?: string | null | undefined;
  readonly state?: OrganisationState | null | undefined;
}

export type OrganisationState = 'ACTIVE' | 'SUSPENDED';

type PlatformPermission =
  'organisation.create' | 'organisation.suspend' | 'organisation.reinstate' | 'organisation.plan.update';

export const stateOfOrganisation = ({ suspendedAt }: Organisation): OrganisationState =>
  suspendedAt ? 'SUSPENDED' : 'ACTIVE';

export type Organisations = ReturnType<typeof createOrganisations>;

/** What the platform does with organisations (docs/decisions/0018). It acts upon them, and is in none by it. */
export function createOrganisations(options: {
  store: Database;
  events: IdentityEvents;
  accessTokens: AccessTokens;
  links: AccountLinks;
}) {
  const { store, events, accessTokens, links } = options;

  /** One change of one organisation, which is held against others. @throws NOT_FOUND, FORBIDDEN */
  async function change(
    viewer: Viewer,
    permission: PlatformPermission,
    id: string,
    work: (tx: Store, before: Organisation, entry: AuditEntry) => Promise<Organisation>,
    act: AuditEntry['act'] = permission,
  ): Promise<Organisation> {
    const entry = actOn(viewer, act, id);
    return store.transaction(async (tx) => {
      await requireNow(tx, viewer, permission);
      await tx.memberships.lockOrganisation(id);
      const [before] = await tx.organisations.selectMany([id]);
      if (!before) throw notFound('organisation', id, ['input', 'id']);
      return work(tx, before, entry);
    });
  }

  return {
    /** @throws INVALID */
    page: (viewer: Viewer, filter: OrganisationFilter, order: OrganisationOrder, page: Page) => {
      requirePermission(viewer, 'organisation.list');
      return store.organisations.selectPage(selectionOf(filter), order, {
        ...page,
        after: checkedPlace('after', order, page.after),
        before: checkedPlace('before', order, page.before),
      });
    },

    count: (viewer: Viewer, filter: OrganisationFilter) => {
      requirePermission(viewer, 'organisation.list');
      return store.organisations.count(selectionOf(filter));
    },

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
      const act = 'organisation.administrator.invite';
      return change(viewer, 'organisation.create', input.id, invite, act);
    },

    /** Once more changes nothing. @throws NOT_FOUND; CONFLICT of the platform's own */
    suspend: (viewer: Viewer, id: string): Promise<Organisation> =>
      change(viewer, 'organisation.suspend', id, async (tx, before, entry) => {
        if (before.platform)
          throw conflict('The platform organisation is not suspended: nobody could reinstate it.', [
            'input',
            'id',
          ]);
        if (before.suspendedAt) return before;
        const organisation = await tx.organisations.updateSuspended(id, true);
        await events.organisationSuspended(tx, organisation, accessTokens.allOver());
        const changes = { suspendedAt: [null, organisation.suspendedAt] } as const;
        await recordInBoth(tx, { ...entry, changes }, id);
        return organisation;
      }),

    /** Once more changes nothing. @throws NOT_FOUND */
    reinstate: (viewer: Viewer, id: string): Promise<Organisation> =>
      change(viewer, 'organisation.reinstate', id, async (tx, before, entry) => {
        if (!before.suspendedAt) return before;
        const organisation = await tx.organisations.updateSuspended(id, false);
        await events.organisationReinstated(tx, organisation, accessTokens.allOver());
        await recordInBoth(tx, { ...entry, changes: { suspendedAt: [before.suspendedAt, null] } }, id);
        return organisation;
      }),
  };
}

/** The act of somebody above it is known to the organisation, too. */
export function recordInBoth(tx: Store, entry: AuditEntry, organisationId: string): Promise<void> {
  const both = entry.organisationId === organisationId ? [entry] : [entry, { ...entry, organisationId }];
  return recordActs(tx, both);
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

function selectionOf({ search, state }: OrganisationFilter): OrganisationSelection {
  return {
    search: checkedSearch(['filter', 'search'], search),
    suspended: state ? state === 'SUSPENDED' : undefined,
  };
}

/** The cursor carries the order: in another, it is no place. */
export function placeOfOrganisation(
  field: OrganisationOrder['field'],
  { nameKey, createdAt, id }: ListedOrganisation,
): CursorKey {
  return [field, field === 'NAME' ? nameKey : createdAt.toISOString(), id];
}

/** @throws INVALID */
function checkedPlace(
  argument: string,
  { field }: OrganisationOrder,
  place: CursorKey | undefined,
): CursorKey | undefined {
  if (place === undefined) return undefined;
  const [order, value, id] = place;
  const whole = place.length === 3 && typeof value === 'string' && typeof id === 'string';
  const isTime = whole && field === 'CREATED_AT' ? !Number.isNaN(Date.parse(value)) : true;
  if (whole && isTime && order === field) return place;
  throw invalid([argument], `${argument} is not a cursor that this list gave out in this order.`);
}
