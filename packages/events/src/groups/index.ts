export { consumeGroups } from './consume-groups.ts';
export { groupMemberStore, type GroupMembersChange, type GroupMemberStore } from './group-member-store.ts';
export { peopleOf } from './people-of.ts';
export { groupTables } from './tables.ts';
