import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { createLiveTopic } from '@lyceum/events';
import { newId } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import { verbs } from '@lyceum/xapi';
import { createStoreJobs } from '../src/domain/store-jobs.ts';
import { storeJobEvents } from '../src/events/store-job-events.ts';
import { publicUrl } from './kit/clickhouse.ts';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';
import { playLrs, type PlayedLrs } from './kit/store-lrs.ts';

let records: RunningRecords;
let lrs: PlayedLrs;
let school: School;
let admin: Person;

beforeAll(async () => {
  records = await runRecords();
  lrs = await playLrs(records.log);
}, 60_000);
afterAll(async () => {
  lrs.stop();
  await records.stop();
});
beforeEach(async () => {
  school = records.school();
  admin = await school.person('ADMIN');
});

interface Job {
  id: string;
  state: string;
  done: number;
  total: number | null;
  fileUrl: string | null;
  requestedBy: { id: string } | null;
}
const fields = 'id kind state done total written bytes fileUrl failure expiresAt requestedBy { id }';
const create = `mutation ($input: StoreExportCreateInput!) {
  storeExportCreate(input: $input) { job { ${fields} } userErrors { field code } }
}`;
const one = `query ($id: ID!) { storeJob(id: $id) { ${fields} } }`;

async function begin(input: object = {}, who = admin) {
  const { data, errors } = await who.ask<{ storeExportCreate: { job: Job | null; userErrors: object[] } }>(
    create,
    {
      input,
    },
  );
  return { job: null, userErrors: [], ...(data as typeof data | null)?.storeExportCreate, errors };
}

async function read(id: string): Promise<Job> {
  return (await admin.ask<{ storeJob: Job }>(one, { id })).data.storeJob;
}

test('an export is asked of the LRS as it was asked for here, and what that tells is how it stands', async () => {
  const { job } = await begin({ verb: 'completed', activity: 'item_1', since: '2026-01-01T00:00:00Z' });
  expect(job).toMatchObject({ state: 'RUNNING', done: 0, total: null, requestedBy: { id: admin.userId } });
  const { organisationId } = school;
  expect((await lrs.untilHeard(job!.id, 'store-job.requested')).data).toMatchObject({
    ...{ jobId: job!.id, organisationId, kind: 'EXPORT', requestedBy: admin.userId, attachments: false },
    verb: verbs.completed,
    activity: `${publicUrl}/xapi/activities/item_1`,
    since: '2026-01-01T00:00:00.000Z',
  });
  const told = { jobId: job!.id, organisationId, total: 20 };
  await lrs.tell({ ...told, revision: 3, state: 'DONE', done: 20, written: 20, bytes: 99 });
  // What was told before, and comes late or again, takes nothing back.
  await lrs.tell({ ...told, revision: 2, state: 'RUNNING', done: 10 });
  await eventually(async () => {
    expect(await read(job!.id)).toMatchObject({ state: 'DONE', done: 20, total: 20, bytes: 99 });
  });
  await lrs.untilHeard(job!.id, 'store-job.changed', 2);
  await lrs.tell({ ...told, revision: 4, state: 'EXPIRED', done: 20 });
  await eventually(async () => {
    expect(await read(job!.id)).toMatchObject({ state: 'EXPIRED', fileUrl: null });
  });
});

test('the file is where the LRS gives it out, once it is there', async () => {
  const { job } = await begin();
  expect(job!.fileUrl).toBeNull();
  const { organisationId } = school;
  await lrs.tell({ jobId: job!.id, organisationId, revision: 1, state: 'DONE' });
  await eventually(async () => {
    const { fileUrl } = await read(job!.id);
    expect(fileUrl).toBe(`http://localhost:4100/xapi/store/export?job=${job!.id}`);
  });
});

test('subscribers are told each time that it comes further, and of no other job', async () => {
  const { job } = await begin();
  const { organisationId } = school;
  const query = `subscription ($id: ID!) { storeJobChanged(id: $id) { id done state } }`;
  const subscription = await records.follow<{ storeJobChanged: Job }>(admin, query, { id: job!.id });
  await lrs.tell({ jobId: job!.id, organisationId, revision: 1, state: 'RUNNING', done: 7 });
  expect((await subscription.next()).data.storeJobChanged).toEqual({
    id: job!.id,
    done: 7,
    state: 'RUNNING',
  });
  await lrs.tell({ jobId: job!.id, organisationId, revision: 2, state: 'DONE', done: 9 });
  expect((await subscription.next()).data.storeJobChanged).toMatchObject({ state: 'DONE' });
  await subscription.close();
});

test('one is under way at a time in an organisation, also where two ask at once', async () => {
  const answers = await Promise.all([begin(), begin(), begin()]);
  expect(answers.filter(({ job }) => job)).toHaveLength(1);
  expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([
    { field: null, code: 'CONFLICT' },
    { field: null, code: 'CONFLICT' },
  ]);
  const elsewhere = await records.school().person('ADMIN');
  expect((await begin({}, elsewhere)).job).toMatchObject({ state: 'RUNNING' });
});

test('one that is under way is ended by who may begin it', async () => {
  const { job } = await begin();
  const cancel = `mutation ($id: ID!) {
    storeJobCancel(input: { id: $id }) { job { id state } userErrors { code field } }
  }`;
  const learner = await school.person('LEARNER');
  expect((await learner.ask(cancel, { id: job!.id })).errors).toMatchObject([
    { extensions: { code: 'FORBIDDEN' } },
  ]);
  await admin.ask(cancel, { id: job!.id });
  await lrs.untilHeard(job!.id, 'store-job.cancelled');
  expect((await admin.ask(cancel, { id: newId('storejob') })).data).toMatchObject({
    storeJobCancel: { job: null, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'id'] }] },
  });
});

test.each([
  ['a verb that nobody knows', { verb: 'ponder' }, ['input', 'verb']],
  [
    'a time that ends before it begins',
    { since: '2026-02-01T00:00:00Z', until: '2026-01-01T00:00:00Z' },
    ['input', 'until'],
  ],
])('%s is INVALID', async (_case, input, field) => {
  expect((await begin(input)).userErrors).toEqual([{ code: 'INVALID', field }]);
});

test.each(['AUTHOR', 'INSTRUCTOR', 'LEARNER'] as const)(
  'the role %s neither exports nor sees jobs',
  async (role) => {
    const person = await school.person(role);
    expect((await begin({}, person)).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN', missing: 'store.export' } },
    ]);
    const list = await person.ask('{ storeJobs { totalCount } }');
    expect(list.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'store-job.read' } }]);
  },
);

test('jobs are listed, the newest first', async () => {
  const ids: string[] = [];
  for (const kind of ['EXPORT', 'IMPORT'] as const) {
    const id = newId('storejob');
    await school.begin({ id, kind, state: 'RUNNING', parameters: {} });
    ids.unshift(id);
  }
  const list = 'query ($kind: StoreJobKind) { storeJobs(kind: $kind, first: 2) { nodes { id } totalCount } }';
  expect((await admin.ask(list)).data).toMatchObject({
    storeJobs: { totalCount: 2, nodes: ids.slice(0, 2).map((id) => ({ id })) },
  });
  expect((await admin.ask(list, { kind: 'EXPORT' })).data).toMatchObject({
    storeJobs: { nodes: [{ id: ids[1] }] },
  });
});

test('what nothing was heard of for an hour is asked for again, once', async () => {
  const { job } = await begin();
  await lrs.untilHeard(job!.id, 'store-job.requested');
  const { database } = records;
  const live = {} as ReturnType<typeof createLiveTopic<never>>;
  const jobs = createStoreJobs({ database, events: storeJobEvents, live, liveRetentions: live });
  const later = new Date(Date.now() + 61 * 60_000);
  await Promise.all([jobs.askAgain(later), jobs.askAgain(later)]);
  await lrs.untilHeard(job!.id, 'store-job.requested', 2);
  await lrs.tell({ jobId: job!.id, organisationId: school.organisationId, revision: 1, state: 'DONE' });
  await eventually(async () => {
    expect((await read(job!.id)).state).toBe('DONE');
  });
  await jobs.askAgain(later);
  expect(lrs.heard(job!.id).filter(({ type }) => type === 'store-job.requested')).toHaveLength(2);
});
