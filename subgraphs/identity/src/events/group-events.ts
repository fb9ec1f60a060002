import { domainEvent } from '@lyceum/events';
import type { Group } from '../store/groups.ts';
import type { Store } from '../store/store.ts';

export interface MembersChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export const groupEvents = {
  async groupsChanged(tx: Store, groups: readonly Group[]): Promise<void> {
    await tx.outbox.insert(groups.map((group) => groupChanged(group, false)));
  },

  async groupDeleted(tx: Store, group: Group): Promise<void> {
    await tx.outbox.insert([groupChanged(group, true)]);
  },

  /** Who came in and who went out; where that is nobody, nothing is told. */
  async groupMembersChanged(tx: Store, group: Group, { added, removed }: MembersChange): Promise<void> {
    if (added.length + removed.length === 0) return;
    const { id: groupId, organisationId, membersRevision } = group;
    const people = { added: [...added], removed: [...removed] };
    const data = { groupId, organisationId, ...people, revision: membersRevision };
    await tx.outbox.insert([
      domainEvent({ type: 'group.members-changed', subject: groupId, organisation: organisationId, data }),
    ]);
  },
};

function groupChanged(group: Group, deleted: boolean) {
  const { id, organisationId, name, description, externalId, revision } = group;
  const data = { group: { id, organisationId, name, description, externalId, deleted, revision } };
  return domainEvent({ type: 'group.changed', subject: id, organisation: organisationId, data });
}
