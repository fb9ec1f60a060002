import { loaderById, requireViewer, type RequestContext } from '@lyceum/graphql';
import type { Viewer } from '@lyceum/service';
import DataLoader from 'dataloader';
import type { createServices } from './services.ts';
import type { ApiClient } from './store/api-clients.ts';
import type { Grant } from './store/grants.ts';
import type { Group, ListedGroup } from './store/groups.ts';
import type { PrivacyJob } from './store/privacy-jobs.ts';
import type { PeopleImport } from './store/imports.ts';
import { isErased } from './store/erased-people.ts';
import type { Invitation } from './store/invitations.ts';
import type { LrsKey } from './store/lrs-keys.ts';
import type { Member } from './store/memberships.ts';
import type { Organisation } from './store/organisations.ts';
import type { CustomRole } from './store/roles.ts';
import type { Database } from './store/store.ts';

/** What resolvers call. */
export type Services = ReturnType<typeof createServices>['services'];

export interface Loaders {
  readonly user: DataLoader<string, Member | null>;
  /** Whether somebody was erased, and not taken in again. */
  readonly erased: DataLoader<string, boolean>;
  readonly organisation: DataLoader<string, Organisation | null>;
  readonly group: DataLoader<string, Group | null>;
  /** By the user's id. */
  readonly groupsOfUser: DataLoader<string, readonly ListedGroup[]>;
  readonly userImport: DataLoader<string, PeopleImport | null>;
  readonly privacyJob: DataLoader<string, PrivacyJob | null>;
  readonly invitation: DataLoader<string, Invitation | null>;
  readonly lrsKey: DataLoader<string, LrsKey | null>;
  readonly role: DataLoader<string, CustomRole | null>;
  /** What a person was granted. */
  readonly grantsOf: DataLoader<string, Grant[]>;
  readonly apiClient: DataLoader<string, ApiClient | null>;
}

export interface Context extends RequestContext, Services {
  /** Each finds only what belongs to the viewer's organisation. */
  readonly load: Loaders;
}

export function createContext(store: Database, services: Services) {
  return (request: { viewer: Viewer | null; requestId: string }): Context => ({
    ...request,
    ...services,
    load: createLoaders(store, services, request),
  });
}

function createLoaders(store: Database, { grants }: Services, request: RequestContext): Loaders {
  const organisationId = request.viewer?.organisationId ?? '';
  return {
    user: loaderById((ids) => membersAndErased(store, organisationId, ids)),
    erased: new DataLoader(async (ids) => {
      const found = await membersAndErased(store, organisationId, ids);
      const erased = new Set(found.filter(isErased).map(({ id }) => id));
      return ids.map((id) => erased.has(id));
    }),
    organisation: loaderById((ids) =>
      store.organisations.selectMany(ids.filter((id) => id === organisationId)),
    ),
    group: loaderById((ids) => store.groups.selectMany(organisationId, ids)),
    groupsOfUser: new DataLoader(async (userIds) => {
      const groups = await store.groups.selectManyOfUsers(organisationId, userIds);
      return userIds.map((id) => groups.filter(({ userId }) => userId === id));
    }),
    userImport: loaderById((ids) => store.imports.selectMany(organisationId, ids)),
    privacyJob: loaderById((ids) => store.privacyJobs.selectMany(organisationId, ids)),
    invitation: loaderById((ids) => store.invitations.selectMany(organisationId, ids)),
    apiClient: loaderById((ids) => store.apiClients.selectMany(organisationId, ids)),
    lrsKey: loaderById((ids) => store.lrsKeys.selectMany(organisationId, ids)),
    role: loaderById((ids) => store.roles.selectMany(organisationId, ids)),
    grantsOf: new DataLoader(async (userIds) => {
      const found = await grants.ofUsers(requireViewer(request), userIds);
      return userIds.map((id) => found.filter(({ userId }) => userId === id));
    }),
  };
}

/** Who was erased is still pointed to by what others keep; somebody taken in again is who they are now. */
async function membersAndErased(
  store: Database,
  organisationId: string,
  ids: readonly string[],
): Promise<Member[]> {
  const members = await store.memberships.selectMany(organisationId, ids);
  const known = new Set(members.map(({ id }) => id));
  const others = ids.filter((id) => !known.has(id));
  return others.length === 0
    ? members
    : [...members, ...(await store.erasedPeople.selectMany(organisationId, others))];
}
