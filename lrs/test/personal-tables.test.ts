import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messageTables, undecided, type TableDecisions } from '@lyceum/events/personal-data';
import type { Database } from '../src/store/store.ts';
import { openedStore } from './kit/opened-store.ts';

let store: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ store, close } = await openedStore(2));
}, 60_000);

afterAll(() => close());

/**
 * What an erasure does with the LRS's own database. Unlike in a subgraph, code of its own does it (src/personal-data): most of what
 * the LRS has of people is in ClickHouse. `columns` are those that may say something of a person.
 */
const decisions: TableDecisions = {
  ...messageTables,
  document: {
    what: 'documents',
    where: 't.person IS NOT NULL',
    columns: ['agent', 'person', 'content', 'activity', 'registration'],
    withheld: {
      id: 'Of the document, as its activity names it.',
      kind: 'State, or profile.',
      context: 'A hash that makes the key short.',
      content_type: 'Of the content.',
      etag: 'A hash of the content, which goes with it.',
      organisation_id: 'The organisation.',
      created_at: 'An instant.',
      updated_at: 'An instant.',
    },
    erasure: [{ action: 'DELETED' }],
  },
  statement_request: {
    what: 'statements that ClickHouse may not have yet',
    where: 't.value IS NOT NULL',
    columns: ['value'],
    withheld: {
      id: 'Of the request.',
      organisation_id: 'The organisation.',
      state: 'Of the request.',
      claimed_at: 'An instant.',
    },
    erasure: [{ action: 'REPLACED', set: 'value = NULL', reason: 'The log has the statements.' }],
  },
  erased_person: { nothing: 'Salted hashes of the keys of who was erased, by which ingest leaves them out.' },
  statement_id: { nothing: 'Ids of statements, which stay taken.' },
  attachment: { nothing: 'Hashes and sizes. An attachment that no statement names any more is swept away.' },
  attachment_use: {
    nothing: 'Which statement names which hash; rows of erased statements go unconfirmed, and are swept.',
  },
  attachment_storage: { nothing: 'Bytes of an organisation.' },
  store_job: {
    nothing: 'Who asked for work on the whole store, by the id alone; kept, as records keeps it.',
  },
  store_job_file: {
    nothing: 'Hashes of parts of files. An erasure voids the exports that may name the person.',
  },
  store_job_attachment: { nothing: 'Hashes.' },
  statement_forwarding: {
    nothing: "The organisation's other store, and how far it is; who set it up is in records.",
  },
  statement_forwarding_late: { nothing: 'Ids of statements.' },
  ingest_block: { nothing: 'Offsets of the log.' },
  receiver: { nothing: 'Processes, and their clocks.' },
  lrs_key: { nothing: "Credentials of the organisation's." },
  ended_session: { nothing: 'Ids of sessions, until their tokens have ended.' },
  organisation: { nothing: 'Which are suspended.' },
  shared_secret: { nothing: 'What processes sign with.' },
  inbox: { nothing: 'Ids of events, for a while.' },
};

test('every table is one of which somebody has decided whether an erasure has to reach it', async () => {
  expect(await undecided(store.sql, decisions)).toEqual([]);
});
