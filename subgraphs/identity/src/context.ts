import { loaderById, requireViewer, type RequestContext } from '@lyceum/graphql';
import type { Viewer } from '@lyceum/service';
import DataLoader from 'dataloader';
import type { createServices } from './services.ts';
import type { ApiClient } from './store/api-clients.ts';
import type { Grant } from './store/grants.ts';
import type { Group, ListedGroup } from './store/groups.ts';
import type { SettingValues } from './domain/settings/catalogue.ts';
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
  /** Of these people, those who were erased and not taken in again. */
  readonly erasedOf: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly organisation: DataLoader<string, Organisation | null>;
  /** By the organisation's id. */
  readonly settings: DataLoader<string, SettingValues>;
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
  /** By whom a person is observed. */
  readonly observersOf: DataLoader<string, Grant[]>;
  readonly apiClient: DataLoader<string, ApiClient | null>;
  /** How many work, by the organisation's id; whoever asks may see its plan. */
  readonly workingApiClients: DataLoader<string, number>;
  readonly workingLrsKeys: DataLoader<string, number>;
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

function createLoaders(
  store: Database,
  { grants, observations, organisationSettings }: Services,
  request: RequestContext,
): Loaders {
  const organisationId = request.viewer?.organisationId ?? '';
  const user = loaderById((ids) => membersAndErased(store, organisationId, ids));
  return {
    user,
    erasedOf: async (ids) => {
      const found = await Promise.all(ids.map((id) => user.load(id)));
      return new Set(ids.filter((_id, place) => isErased(found[place] ?? null)));
    },
    organisation: loaderById((ids) =>
      store.organisations.selectMany(ids.filter((id) => id === organisationId)),
    ),
    settings: new DataLoader((ids) => organisationSettings.ofMany(ids)),
    group: loaderById((ids) => store.groups.selectMany(organisationId, ids)),
    groupsOfUser: new DataLoader(async (userIds) => {
      const groups = await store.groups.selectManyOfUsers(organisationId, userIds);
      return userIds.map((id) => groups.filter(({ userId }) => userId === id));
    }),
    userImport: loaderById((ids) => store.imports.selectMany(organisationId, ids)),
    privacyJob: loaderById((ids) => store.privacyJobs.selectMany(organisationId, ids)),
    invitation: loaderById((ids) => store.invitations.selectMany(organisationId, ids)),
    apiClient: loaderById((ids) => store.apiClients.selectMany(organisationId, ids)),
    workingApiClients: new DataLoader(async (ids) =>
      countsOf(ids, await store.apiClients.countManyWorking(ids, new Date())),
    ),
    workingLrsKeys: new DataLoader(async (ids) =>
      countsOf(ids, await store.lrsKeys.countManyWorking(ids, new Date())),
    ),
    lrsKey: loaderById((ids) => store.lrsKeys.selectMany(organisationId, ids)),
    role: loaderById((ids) => store.roles.selectMany(organisationId, ids)),
    grantsOf: new DataLoader(async (userIds) => {
      const found = await grants.ofUsers(requireViewer(request), userIds);
      return userIds.map((id) => found.filter(({ userId }) => userId === id));
    }),
    observersOf: new DataLoader(async (learnerIds) => {
      const found = await observations.of(requireViewer(request), learnerIds);
      return learnerIds.map((id) => found.filter(({ objectId }) => objectId === id));
    }),
  };
}

function countsOf(ids: readonly string[], found: readonly { organisationId: string; _count: number }[]) {
  const counts = new Map(found.map(({ organisationId, _count }) => [organisationId, _count]));
  return ids.map((id) => counts.get(id) ?? 0);
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
