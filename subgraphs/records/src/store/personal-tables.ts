import { messageTables, type TableDecisions } from '@lyceum/events/personal-data';

/** What records does with each of its tables when a person asks for what it holds of them, or is erased. */
export const personalTablesOfRecords: TableDecisions = {
  store_job: {
    what: 'store-jobs',
    where: 't.organisation_id = $1 AND t.requested_by = $2',
    columns: ['id', 'kind', 'state', 'created_at', 'finished_at'],
    withheld: {
      organisation_id: 'The organisation.',
      requested_by: 'The person.',
      parameters: 'What of the whole store was meant; nothing about the person.',
      revision: 'A counter that orders changes.',
      done: 'A count over the whole store.',
      total: 'A count over the whole store.',
      written: 'A count over the whole store.',
      known: 'A count over the whole store.',
      faulty: 'A count over the whole store.',
      bytes: 'The size of a file.',
      faults: 'Lines of a file, by number.',
      failure: 'For administrators.',
      heard_at: 'When another service was heard of.',
      expires_at: 'Of a file.',
    },
    erasure: [{ action: 'KEPT', reason: 'Who asked for work on the whole store, by the id alone.' }],
  },
  ...messageTables,
};
