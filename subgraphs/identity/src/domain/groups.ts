import type { ConnectionSource } from '@lyceum/graphql';
import { isUniqueViolation } from '@lyceum/postgres';
import { conflict, expanded, invalid, newId, notFound, scopable, type Viewer } from '@lyceum/service';
import type { MembersChange } from '../events/group-events.ts';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Group, GroupText, ListedGroup } from '../store/groups.ts';
import type { Database, Store } from '../store/store.ts';
import { actOn, differences, recordAct } from './audit.ts';
import { checkedName, checkedOptionalText, checkedText } from './checked-text.ts';
import { revokeGrants } from './grants.ts';
import { placeOfGroup } from './groups-of-user.ts';
import { namesOf } from './held-names.ts';
import { requireAll, requireNow, type HeldNow } from './require-now.ts';

/** As many people as one call puts into a group, or takes out of it. */
const mostAtOnce = 100;

export interface GroupChange {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly externalId?: string | null | undefined;
}

export type Groups = ReturnType<typeof createGroups>;

/** The people of an organisation who are named together: a class, a department, a year. */
export function createGroups({ store, events }: { store: Database; events: IdentityEvents }) {
  /** Runs `change` on a group that nobody else changes meanwhile. @throws NOT_FOUND */
  const changing = <T>(
    viewer: Viewer,
    permission: 'group.update' | 'group.delete',
    id: string,
    change: (tx: Store, group: Group, held: HeldNow) => Promise<T>,
  ) =>
    store.transaction(async (tx) => {
      const held = await requireNow(tx, viewer, permission, { group: id });
      const group = await tx.groups.lock(viewer.organisationId, id);
      if (!group) throw notFound('group', id, ['input', 'id']);
      return change(tx, group, held);
    });

  /** Tells of who came in and who went out, if anybody did. */
  async function tellMembers(tx: Store, group: Group, change: MembersChange): Promise<void> {
    if (change.added.length + change.removed.length === 0) return;
    const [counted = group] = await tx.groups.updateMembersRevision(group.organisationId, [group.id]);
    await events.groupMembersChanged(tx, counted, change);
  }

  return {
    listed: ({ organisationId }: Viewer): ConnectionSource<ListedGroup> => ({
      rows: (page) => store.groups.selectPage(organisationId, page),
      key: placeOfGroup,
      count: () => store.groups.count(organisationId),
    }),

    /** @throws INVALID; CONFLICT where another group has the name or the external id */
    async create(viewer: Viewer, input: GroupChange & { name: string }): Promise<Group> {
      const { organisationId } = viewer;
      const text = {
        description: null,
        externalId: null,
        ...checkedChange(input),
        name: checkedGroupName(input.name),
      };
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'group.create');
        const [group] = await tx.groups.insertMany([{ id: newId('group'), organisationId, ...text }]);
        if (!group) throw nameTaken();
        await events.groupsChanged(tx, [group]);
        await recordAct(tx, actOn(viewer, 'group.create', group.id, { name: [null, group.name] }));
        return group;
      });
    },

    /** What is absent stays; null clears. @throws INVALID, NOT_FOUND, CONFLICT */
    async update(viewer: Viewer, id: string, input: GroupChange): Promise<Group> {
      const change = checkedChange(input);
      return changing(viewer, 'group.update', id, async (tx, before) => {
        const group = await tx.groups.update(viewer.organisationId, id, change).catch((error: unknown) => {
          throw isUniqueViolation(error) ? nameTaken() : error;
        });
        await events.groupsChanged(tx, [group]);
        const changes = differences(before, group, ['name', 'description', 'externalId']);
        await recordAct(tx, actOn(viewer, 'group.update', id, changes));
        return group;
      });
    },

    /** Its people stay in the organisation; what was granted for it ends. @throws NOT_FOUND */
    async delete(viewer: Viewer, id: string): Promise<string> {
      return changing(viewer, 'group.delete', id, async (tx, group) => {
        await revokeGrants(tx, events, await tx.grants.selectManyOn(viewer.organisationId, [id]));
        await tx.groups.delete(viewer.organisationId, id);
        await events.groupDeleted(tx, { ...group, revision: group.revision + 1 });
        await recordAct(tx, actOn(viewer, 'group.delete', id, { name: [group.name, null] }));
        return id;
      });
    },

    /**
     * Puts people into a group; who is in already stays.
     *
     * @throws INVALID, NOT_FOUND; FORBIDDEN also where something is granted for the group that the viewer lacks
     */
    async addMembers(viewer: Viewer, id: string, wanted: readonly string[]): Promise<Group> {
      const userIds = checkedIds(wanted);
      return changing(viewer, 'group.update', id, async (tx, group, held) => {
        await requireMembers(tx, viewer.organisationId, userIds);
        await requireGranted(tx, group, held);
        const members = userIds.map((userId) => ({ groupId: id, userId }));
        const rows = await tx.groups.insertMembers(viewer.organisationId, members);
        const added = rows.map(({ userId }) => userId);
        await tellMembers(tx, group, { added, removed: [] });
        await recordAct(tx, actOn(viewer, 'group.members-add', id, { members: [null, added] }));
        return group;
      });
    },

    /** Takes people out of a group; who is not in stays out. @throws INVALID, NOT_FOUND */
    async removeMembers(viewer: Viewer, id: string, wanted: readonly string[]): Promise<Group> {
      const userIds = checkedIds(wanted);
      return changing(viewer, 'group.update', id, async (tx, group) => {
        await requireMembers(tx, viewer.organisationId, userIds);
        const removed = await tx.groups.deleteMembers(viewer.organisationId, id, userIds);
        await tellMembers(tx, group, { added: [], removed });
        await recordAct(tx, actOn(viewer, 'group.members-remove', id, { members: [removed, null] }));
        return group;
      });
    },
  };
}

/**
 * Whoever comes into a group falls under all that is granted for it. Who may change one group alone could else put the
 * whole organisation into it, and see how everybody learns. Nobody gives what they don't hold, here as with roles.
 *
 * @throws FORBIDDEN
 */
async function requireGranted(tx: Store, { organisationId, id }: Group, held: HeldNow): Promise<void> {
  const granted = await tx.grants.selectManyOn(organisationId, [id]);
  const names = scopable(expanded(granted.flatMap(namesOf)), id);
  requireAll(
    held,
    names.filter((name) => name !== 'group.update'),
  );
}

const nameTaken = () => conflict('Another group of the organisation has this name, or this external id.');

/** A group's name; those of a cell in an import are divided by semicolons. @throws INVALID */
function checkedGroupName(name: string): string {
  if (name.includes(';')) throw invalid(['input', 'name'], 'The name must not have a semicolon.');
  return checkedName(['input', 'name'], name);
}

/** Each only where it was given. @throws INVALID */
function checkedChange({ name, description, externalId }: GroupChange): Partial<GroupText> {
  if (name === null) throw invalid(['input', 'name'], 'A group has a name.');
  return {
    ...(name === undefined ? {} : { name: checkedGroupName(name) }),
    ...(description === undefined
      ? {}
      : { description: checkedText(['input', 'description'], description, 2_000) }),
    ...(externalId === undefined
      ? {}
      : { externalId: checkedOptionalText(['input', 'externalId'], externalId, 200) }),
  };
}

/** @throws INVALID */
function checkedIds(userIds: readonly string[]): string[] {
  if (userIds.length >= 1 && userIds.length <= mostAtOnce) return [...new Set(userIds)];
  throw invalid(['input', 'userIds'], `Give 1 to ${mostAtOnce} people; there were ${userIds.length}.`);
}

/** @throws NOT_FOUND that names the first who is not of the organisation */
async function requireMembers(tx: Store, organisationId: string, userIds: readonly string[]): Promise<void> {
  const known = new Set((await tx.memberships.selectMany(organisationId, userIds)).map(({ id }) => id));
  const stranger = userIds.find((id) => !known.has(id));
  if (stranger !== undefined) throw notFound('user', stranger, ['input', 'userIds']);
}
