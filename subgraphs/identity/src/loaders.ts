import { loaderById, loaderOfMany, requireViewer, type RequestContext } from '@lyceum/graphql';
import DataLoader from 'dataloader';
import type { Services } from './services.ts';
import { isErased } from './store/erased-people.ts';
import type { Member } from './store/memberships.ts';
import type { Database } from './store/store.ts';

export type Loaders = ReturnType<typeof createLoaders>;

/** One query for all that a level of the answer asks for. */
export function createLoaders(
  store: Database,
  { grants, observations, organisationSettings }: Services,
  request: RequestContext,
) {
  const organisationId = request.viewer?.organisationId ?? '';
  const user = loaderById((ids) => membersAndErased(store, organisationId, ids));
  return {
    user,
    /** Of these people, those who were erased and not taken in again. */
    erasedOf: async (ids: readonly string[]): Promise<ReadonlySet<string>> => {
      const found = await Promise.all(ids.map((id) => user.load(id)));
      return new Set(ids.filter((_id, place) => isErased(found[place] ?? null)));
    },
    organisation: loaderById((ids) =>
      store.organisations.selectMany(ids.filter((id) => id === organisationId)),
    ),
    /** By the organisation's id. */
    settings: new DataLoader((ids: readonly string[]) => organisationSettings.ofMany(ids)),
    group: loaderById((ids) => store.groups.selectMany(organisationId, ids)),
    groupsOfUser: loaderOfMany(
      (userIds) => store.groups.selectManyOfUsers(organisationId, userIds),
      ({ userId }) => userId,
    ),
    userImport: loaderById((ids) => store.imports.selectMany(organisationId, ids)),
    privacyJob: loaderById((ids) => store.privacyJobs.selectMany(organisationId, ids)),
    invitation: loaderById((ids) => store.invitations.selectMany(organisationId, ids)),
    apiClient: loaderById((ids) => store.apiClients.selectMany(organisationId, ids)),
    /** How many work, by the organisation's id; whoever asks may see its plan. */
    workingApiClients: new DataLoader(async (ids: readonly string[]) =>
      countsOf(ids, await store.apiClients.countManyWorking(ids, new Date())),
    ),
    workingLrsKeys: new DataLoader(async (ids: readonly string[]) =>
      countsOf(ids, await store.lrsKeys.countManyWorking(ids, new Date())),
    ),
    lrsKey: loaderById((ids) => store.lrsKeys.selectMany(organisationId, ids)),
    role: loaderById((ids) => store.roles.selectMany(organisationId, ids)),
    /** What a person was granted. */
    grantsOf: loaderOfMany(
      async (userIds) => grants.ofUsers(requireViewer(request), userIds),
      ({ userId }) => userId,
    ),
    /** By whom a person is observed. */
    observersOf: loaderOfMany(
      async (learnerIds) => observations.of(requireViewer(request), learnerIds),
      ({ objectId }) => objectId,
    ),
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
