import type { ConnectionSource } from '@lyceum/graphql';
import { requirePermission, type Viewer } from '@lyceum/service';
import type {
  ListedOrganisation,
  Organisation,
  OrganisationOrder,
  OrganisationSelection,
} from '../store/organisations.ts';
import type { Database } from '../store/store.ts';
import { checkedSearch } from './checked-text.ts';
import { pageInOrder } from './place-in-order.ts';

export interface OrganisationFilter {
  readonly search?: string | null | undefined;
  readonly state?: OrganisationState | null | undefined;
}

export type OrganisationState = 'ACTIVE' | 'SUSPENDED';

export const stateOfOrganisation = ({ suspendedAt }: Organisation): OrganisationState =>
  suspendedAt ? 'SUSPENDED' : 'ACTIVE';

export type OrganisationList = ReturnType<typeof createOrganisationList>;

/** All organisations, for who stands above them. */
export function createOrganisationList({ store }: { store: Database }) {
  return {
    /** @throws INVALID, FORBIDDEN */
    listed(
      viewer: Viewer,
      filter: OrganisationFilter,
      order: OrganisationOrder,
    ): ConnectionSource<ListedOrganisation> {
      requirePermission(viewer, 'organisation.list');
      const selection = selectionOf(filter);
      return {
        rows: async (page) =>
          store.organisations.selectPage(selection, order, pageInOrder(order.field, page)),
        key: ({ nameKey, createdAt, id }) => [
          order.field,
          order.field === 'NAME' ? nameKey : createdAt.toISOString(),
          id,
        ],
        count: () => store.organisations.count(selection),
      };
    },
  };
}

function selectionOf({ search, state }: OrganisationFilter): OrganisationSelection {
  return {
    search: checkedSearch(['filter', 'search'], search),
    suspended: state ? state === 'SUSPENDED' : undefined,
  };
}
