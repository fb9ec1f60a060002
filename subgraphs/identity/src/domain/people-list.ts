import type { CursorKey, Page } from '@lyceum/graphql';
import {
  forbidden,
  invalid,
  notFound,
  requirePermission,
  viewerMay,
  type Role,
  type Viewer,
} from '@lyceum/service';
import type { Member } from '../store/memberships.ts';
import type { ListedMember, MemberOrder, MemberSelection } from '../store/people-pages.ts';
import type { Database } from '../store/store.ts';
import { checkedSearch } from './checked-text.ts';

export type PersonState = 'ACTIVE' | 'DEACTIVATED' | 'REMOVED';

export interface UserFilter {
  readonly search?: string | null | undefined;
  readonly role?: Role | null | undefined;
  readonly groupId?: string | null | undefined;
  readonly state?: PersonState | null | undefined;
}

export interface UserOrder {
  readonly field: MemberOrder['field'];
  readonly direction: 'ASC' | 'DESC';
}

export type PeopleList = ReturnType<typeof createPeopleList>;

/** The people of an organisation, found, filtered and ordered. */
export function createPeopleList({ store }: { store: Database }) {
  /** @throws NOT_FOUND */
  async function requireGroup({ organisationId }: Viewer, groupId: string | undefined): Promise<void> {
    if (groupId === undefined) return;
    const [group] = await store.groups.selectMany(organisationId, [groupId]);
    if (!group) throw notFound('group', groupId, ['filter', 'groupId']);
  }

  return {
    /** @throws INVALID, NOT_FOUND; FORBIDDEN, also for who orders by addresses that they don't see */
    async page(viewer: Viewer, filter: UserFilter, wanted: UserOrder, page: Page): Promise<ListedMember[]> {
      requireListed(viewer, filter);
      const selection = selectionOf(viewer, filter);
      const order = orderOf(viewer, wanted);
      await requireGroup(viewer, selection.groupId);
      return store.people.selectPage(viewer.organisationId, selection, order, {
        ...page,
        after: checkedPlace('after', order, page.after),
        before: checkedPlace('before', order, page.before),
      });
    },

    /** @throws INVALID, NOT_FOUND, FORBIDDEN */
    async count(viewer: Viewer, filter: UserFilter): Promise<number> {
      requireListed(viewer, filter);
      const selection = selectionOf(viewer, filter);
      await requireGroup(viewer, selection.groupId);
      return store.people.count(viewer.organisationId, selection);
    },

    /** The people of a group that is the viewer's organisation's, by name. @throws INVALID, FORBIDDEN */
    async pageOfGroup(viewer: Viewer, groupId: string, page: Page): Promise<ListedMember[]> {
      return this.page(viewer, { groupId }, { field: 'NAME', direction: 'ASC' }, page);
    },
  };
}

export function stateOf({ roles, deactivatedAt }: Pick<Member, 'roles' | 'deactivatedAt'>): PersonState {
  if (roles.length === 0) return 'REMOVED';
  return deactivatedAt ? 'DEACTIVATED' : 'ACTIVE';
}

/** Where a person stands in a list of that order. The cursor carries the order: in another, it is no place. */
export function placeOfMember(field: MemberOrder['field'], member: ListedMember): CursorKey {
  const value = { NAME: member.nameKey, EMAIL: member.email, CREATED_AT: member.createdAt.toISOString() };
  return [field, value[field], member.id];
}

/** @throws INVALID */
function checkedPlace(
  argument: string,
  { field }: MemberOrder,
  place: CursorKey | undefined,
): CursorKey | undefined {
  if (place === undefined) return undefined;
  const [order, value, id] = place;
  const whole = place.length === 3 && typeof value === 'string' && typeof id === 'string';
  const isTime = whole && field === 'CREATED_AT' ? !Number.isNaN(Date.parse(value)) : true;
  if (whole && isTime && order === field) return place;
  throw invalid([argument], `${argument} is not a cursor that this list gave out in this order.`);
}

/** Everybody, or the people of one group. @throws FORBIDDEN */
function requireListed(viewer: Viewer, { groupId }: UserFilter): void {
  requirePermission(viewer, 'user.list', groupId == null ? {} : { group: groupId });
}

/** Who may not see an address does not search in it either: it would be guessed letter by letter. */
function selectionOf(viewer: Viewer, { search, role, groupId, state }: UserFilter): MemberSelection {
  return {
    search: checkedSearch(['filter', 'search'], search),
    inAddresses: seesAddresses(viewer),
    role: role ?? undefined,
    groupId: groupId ?? undefined,
    state: state ?? undefined,
  };
}

/** @throws FORBIDDEN */
function orderOf(viewer: Viewer, { field, direction }: UserOrder): MemberOrder {
  if (field === 'EMAIL' && !seesAddresses(viewer)) throw forbidden('user.email.read');
  return { field, descending: direction === 'DESC' };
}

export function seesAddresses(viewer: Viewer): boolean {
  return viewerMay(viewer, 'user.email.read');
}
