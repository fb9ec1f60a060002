import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';
import { playLrs, type PlayedLrs } from './kit/store-lrs.ts';

let records: RunningRecords;
let lrs: PlayedLrs;
let school: School;
let admin: Person;

beforeAll(async () => {
  records = await runRecords();
  lrs = await playLrs(records.log);
  school = records.school();
  admin = await school.person('ADMIN');
}, 60_000);
afterAll(async () => {
  lrs.stop();
  await records.stop();
});

const create = `mutation ($input: StoreImportCreateInput!) {
  storeImportCreate(input: $input) { job { id state fileUrl } userErrors { code } }
}`;
interface Created {
  storeImportCreate: {
    job: { id: string; state: string; fileUrl: string | null } | null;
    userErrors: object[];
  };
}

test('an import waits for its file at the LRS, and tells which lines were refused', async () => {
  const { data } = await admin.ask<Created>(create, { input: { keepsOriginals: true } });
  const { job } = data.storeImportCreate;
  expect(job).toMatchObject({
    state: 'WAITING',
    fileUrl: `http://localhost:4100/xapi/store/import?job=${job!.id}`,
  });
  const { organisationId } = school;
  expect((await lrs.untilHeard(job!.id, 'store-job.requested')).data).toMatchObject({
    ...{ organisationId, kind: 'IMPORT', requestedBy: admin.userId, dryRun: false, keepsOriginals: true },
  });
  expect((await admin.ask<Created>(create, { input: {} })).data.storeImportCreate.userErrors).toEqual([
    { code: 'CONFLICT' },
  ]);
  const faults = [{ line: 3, path: 'verb.id', reason: 'is no IRI' }];
  const counts = { done: 9, written: 7, known: 1, faulty: 1, faults };
  await lrs.tell({ jobId: job!.id, organisationId, revision: 2, state: 'DONE', ...counts });
  const query = `query ($id: ID!) {
    storeJob(id: $id) { state done written known faulty faults { line path reason } fileUrl }
  }`;
  await eventually(async () => {
    const { data: read } = await admin.ask(query, { id: job!.id });
    expect(read).toEqual({ storeJob: { state: 'DONE', fileUrl: null, ...counts } });
  });
});

test.each(['AUTHOR', 'INSTRUCTOR', 'LEARNER'] as const)('the role %s imports nothing', async (role) => {
  const { errors } = await (await school.person(role)).ask(create, { input: {} });
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'store.import' } }]);
});
