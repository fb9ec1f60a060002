import type { TableDecisions } from '../personal-data/tables.ts';

/** What becomes of `group_member` when a person asks for what is held of them, or is erased. */
export const groupTables: TableDecisions = {
  group_member: {
    what: 'groups',
    where: 't.organisation_id = $1 AND t.user_id = $2',
    key: 't.group_id',
    columns: ['group_id', 'member'],
    withheld: {
      organisation_id: 'The organisation.',
      user_id: 'The person.',
      revision: 'A counter that orders changes.',
    },
    erasure: [{ action: 'KEPT', reason: 'The ids alone; they order what identity tells of the group.' }],
  },
};
