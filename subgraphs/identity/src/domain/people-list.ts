import type { ConnectionSource, CursorKey, Page } from '@lyceum/graphql';
import { forbidden, notFound, requirePermission, viewerMay, type Role, type Viewer } from '@lyceum/service';
import type { Member } from '../store/memberships.ts';
import type { ListedMember, MemberOrder, MemberSelection } from '../store/people-pages.ts';
import type { Database } from '../store/store.ts';
import { checkedSearch } from './checked-text.ts';
import { pageInOrder } from './place-in-order.ts';

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

  /** @throws INVALID, NOT_FOUND; FORBIDDEN, also for who orders by addresses that they don't see */
  async function page(viewer: Viewer, filter: UserFilter, wanted: UserOrder, page: Page) {
    requireListed(viewer, filter);
    const selection = selectionOf(viewer, filter);
    const order = orderOf(viewer, wanted);
    await requireGroup(viewer, selection.groupId);
    const placed = pageInOrder(order.field, page);
    return store.people.selectPage(viewer.organisationId, selection, order, placed);
  }

  /** @throws INVALID, NOT_FOUND, FORBIDDEN */
  async function count(viewer: Viewer, filter: UserFilter): Promise<number> {
    requireListed(viewer, filter);
    const selection = selectionOf(viewer, filter);
    await requireGroup(viewer, selection.groupId);
    return store.people.count(viewer.organisationId, selection);
  }

  const listed = (viewer: Viewer, filter: UserFilter, order: UserOrder): ConnectionSource<ListedMember> => ({
    rows: (wanted) => page(viewer, filter, order, wanted),
    key: (member) => placeOfMember(order.field, member),
    count: () => count(viewer, filter),
  });

  return {
    listed,

    /** The people of a group, by name. */
    listedOfGroup: (viewer: Viewer, groupId: string) =>
      listed(viewer, { groupId }, { field: 'NAME', direction: 'ASC' }),
  };
}

export function stateOf({ roles, deactivatedAt }: Pick<Member, 'roles' | 'deactivatedAt'>): PersonState {
  if (roles.length === 0) return 'REMOVED';
  return deactivatedAt ? 'DEACTIVATED' : 'ACTIVE';
}

/** Where a person stands in a list of that order. The cursor carries the order: in another, it is no place. */
function placeOfMember(field: MemberOrder['field'], member: ListedMember): CursorKey {
  const value = { NAME: member.nameKey, EMAIL: member.email, CREATED_AT: member.createdAt.toISOString() };
  return [field, value[field], member.id];
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
