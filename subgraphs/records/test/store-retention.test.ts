import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { statementFor, verbs } from '@lyceum/xapi';
import { createStoreJobs } from '../src/domain/store-jobs.ts';
import { createStoreRetentions } from '../src/domain/store-retentions.ts';
import { createNames } from '../src/domain/names.ts';
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

const dayMs = 24 * 60 * 60_000;
const daysAgo = (days: number, ms = 0) => new Date(Date.now() - days * dayMs + ms);

interface Rule {
  days: number;
  verb?: string;
  activity?: string;
}
interface Job {
  id: string;
  kind: string;
  state: string;
  requestedBy: object | null;
  rules: { before: string; verb: string | null; activity: string | null }[];
}
const jobFields = 'id kind state written requestedBy { id } rules { before verb activity }';
const retentionFields = 'rules { days verb activity } nextRunAt updatedBy { id }';
const current = `{ storeRetention { ${retentionFields} } }`;

async function set(rules: readonly Rule[], who = admin) {
  const mutation = `mutation ($input: StoreRetentionSetInput!) {
    storeRetentionSet(input: $input) { retention { ${retentionFields} } userErrors { field code } }
  }`;
  const { data, errors } = await who.ask<{
    storeRetentionSet: { retention: { nextRunAt: string } | null; userErrors: object[] };
  }>(mutation, { input: { rules } });
  return { ...(data as typeof data | null)?.storeRetentionSet, errors };
}

async function run(who = admin) {
  const mutation = `mutation { storeRetentionRun { job { ${jobFields} } userErrors { field code } } }`;
  const { data, errors } = await who.ask<{
    storeRetentionRun: { job: Job | null; userErrors: object[] };
  }>(mutation);
  return { ...(data as typeof data | null)?.storeRetentionRun, errors };
}

const runs = async (who = admin) =>
  (
    await who.ask<{ storeJobs: { nodes: Job[] } }>(
      `{ storeJobs(kind: RETENTION) { nodes { ${jobFields} } } }`,
    )
  ).data.storeJobs.nodes;

/** The domain by itself, for another time than now. */
function retentions() {
  const { database } = records;
  const live = {} as Parameters<typeof createStoreJobs>[0]['live'];
  const storeJobs = createStoreJobs({ database, events: storeJobEvents, live, liveRetentions: live });
  const store = {} as Parameters<typeof createStoreRetentions>[0]['store'];
  return createStoreRetentions({ database, store, storeJobs, names: createNames(publicUrl) });
}

test('unless somebody says otherwise everything is kept, and nothing can be run', async () => {
  expect((await admin.ask(current)).data).toEqual({ storeRetention: null });
  expect(await run()).toMatchObject({ job: null, userErrors: [{ field: null, code: 'CONFLICT' }] });
});

test('what is set is set instead of what was, by whom, and runs a day later for the first time', async () => {
  await set([{ days: 30 }]);
  const rules = [{ days: 400 }, { days: 7, verb: 'launched', activity: 'item_1' }];
  const { retention, userErrors } = await set(rules);
  expect(userErrors).toEqual([]);
  const iris = { verb: verbs.launched, activity: `${publicUrl}/xapi/activities/item_1` };
  expect((await admin.ask(current)).data).toMatchObject({
    storeRetention: {
      rules: [
        { days: 400, verb: null, activity: null },
        { days: 7, ...iris },
      ],
      updatedBy: { id: admin.userId },
    },
  });
  expect(Date.parse(retention!.nextRunAt)).toBeGreaterThan(Date.now() + dayMs - 60_000);
});

test('of another organisation nothing is seen, and nothing set', async () => {
  await set([{ days: 30 }]);
  const stranger = await records.school().person('ADMIN');
  expect((await stranger.ask(current)).data).toEqual({ storeRetention: null });
  await stranger.ask('mutation { storeRetentionClear { userErrors { code } } }');
  expect((await admin.ask(current)).data).toMatchObject({ storeRetention: { rules: [{ days: 30 }] } });
  expect((await run(stranger)).job).toBeNull();
});

test.each<[string, Rule[], string[]]>([
  ['no rule', [], ['input', 'rules']],
  ['less than a day', [{ days: 30 }, { days: 0 }], ['input', 'rules', '1', 'days']],
  ['more than a hundred years', [{ days: 36_501 }], ['input', 'rules', '0', 'days']],
  ['a verb that nobody knows', [{ days: 9, verb: 'ponder' }], ['input', 'rules', '0', 'verb']],
  ['twenty-one rules', Array.from({ length: 21 }, () => ({ days: 9 })), ['input', 'rules']],
])('%s is INVALID', async (_case, rules, field) => {
  expect((await set(rules)).userErrors).toEqual([{ code: 'INVALID', field }]);
  expect((await admin.ask(current)).data).toEqual({ storeRetention: null });
});

test.each(['AUTHOR', 'INSTRUCTOR', 'LEARNER'] as const)(
  'the role %s neither sets, runs nor looks',
  async (role) => {
    const person = await school.person(role);
    const refusal = [{ extensions: { code: 'FORBIDDEN', missing: 'store.retention' } }];
    expect((await set([{ days: 30 }], person)).errors).toMatchObject(refusal);
    expect((await run(person)).errors).toMatchObject(refusal);
    for (const query of [
      '{ storeRetentionPreview(rules: [{ days: 30 }]) { statements } }',
      'mutation { storeRetentionClear { userErrors { code } } }',
    ])
      expect((await person.ask(query)).errors).toMatchObject(refusal);
    expect((await person.ask(current)).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN', missing: 'store-job.read' } },
    ]);
  },
);

test('a preview counts what rules would drop, of this organisation, and drops nothing', async () => {
  const did = (verb: 'completed' | 'failed') =>
    statementFor({ publicUrl, userId: admin.userId, verb, activity: { id: 'item_1' } });
  const [first, second] = [daysAgo(40), daysAgo(30, -60_000)];
  await school.store([did('completed')], first);
  await school.store([did('failed')], second);
  await school.store([did('completed')], daysAgo(30, 60_000));
  await records.school().store([did('completed')], first);
  const query = `query ($rules: [StoreRetentionRuleInput!]) {
    storeRetentionPreview(rules: $rules) { statements oldest newest rules { before } }
  }`;
  const look = async (rules?: Rule[]) =>
    (await admin.ask<{ storeRetentionPreview: object }>(query, { rules })).data.storeRetentionPreview;
  expect(await look([{ days: 30 }])).toMatchObject({
    ...{ statements: 2, oldest: first.toISOString(), newest: second.toISOString() },
    rules: [{ before: expect.any(String) }],
  });
  expect(await look([{ days: 30, verb: 'failed' }, { days: 35 }])).toMatchObject({ statements: 2 });
  expect(await look([{ days: 30, activity: 'item_2' }])).toMatchObject({
    statements: 0,
    oldest: null,
    newest: null,
  });
  expect(await look()).toMatchObject({ statements: 0, rules: [] });
  await set([{ days: 35 }]);
  expect(await look()).toMatchObject({ statements: 1 });
});

test('a run is a job: asked of the LRS, told of to subscribers, one at a time, ended by who may begin it', async () => {
  await set([{ days: 30, verb: 'failed' }]);
  const { job } = await run();
  expect(job).toMatchObject({ kind: 'RETENTION', state: 'RUNNING', requestedBy: { id: admin.userId } });
  const { organisationId } = school;
  const { data } = await lrs.untilHeard(job!.id, 'store-retention.requested');
  expect(data).toMatchObject({ jobId: job!.id, organisationId, requestedBy: admin.userId });
  expect(data).toMatchObject({ rules: [{ before: job!.rules[0]!.before, verb: verbs.failed }] });
  const age = Date.now() - Date.parse(job!.rules[0]!.before);
  expect(Math.abs(age - 30 * dayMs)).toBeLessThan(60_000);
  expect((await run()).userErrors).toEqual([{ field: null, code: 'CONFLICT' }]);

  const query = 'subscription ($id: ID!) { storeJobChanged(id: $id) { id kind written state } }';
  const subscription = await records.follow<{ storeJobChanged: object }>(admin, query, { id: job!.id });
  await lrs.tell({ jobId: job!.id, organisationId, revision: 1, state: 'RUNNING', written: 7 });
  expect((await subscription.next()).data.storeJobChanged).toMatchObject({ kind: 'RETENTION', written: 7 });
  const cancel =
    'mutation ($id: ID!) { storeJobCancel(input: { id: $id }) { job { id } userErrors { code } } }';
  const learner = await school.person('LEARNER');
  expect((await learner.ask(cancel, { id: job!.id })).errors).toHaveLength(1);
  await admin.ask(cancel, { id: job!.id });
  await lrs.untilHeard(job!.id, 'store-job.cancelled');
  await lrs.tell({ jobId: job!.id, organisationId, revision: 2, state: 'CANCELLED', written: 7 });
  expect((await subscription.next()).data.storeJobChanged).toMatchObject({ state: 'CANCELLED' });
  await subscription.close();
  expect((await run()).job).toMatchObject({ state: 'RUNNING' });
});

test('what is due is run once a day, by the rules, once however many look, and no more once they are cleared', async () => {
  await set([{ days: 30 }]);
  const due = retentions();
  await due.runDue();
  expect(await runs()).toEqual([]);
  const tomorrow = new Date(Date.now() + dayMs + 1_000);
  await Promise.all([due.runDue(tomorrow), due.runDue(tomorrow), due.runDue(tomorrow)]);
  const [only, ...others] = await runs();
  expect(others).toEqual([]);
  expect(only).toMatchObject({ state: 'RUNNING', requestedBy: null });
  expect(Date.parse(only!.rules[0]!.before)).toBe(tomorrow.getTime() - 30 * dayMs);

  // While the last goes on, another is not begun: it is looked at again an hour later.
  const inTwoDays = new Date(tomorrow.getTime() + dayMs);
  await due.runDue(inTwoDays);
  expect(await runs()).toHaveLength(1);
  const { organisationId } = school;
  await lrs.tell({ jobId: only!.id, organisationId, revision: 1, state: 'DONE' });
  await eventually(async () => {
    expect((await runs())[0]!.state).toBe('DONE');
  });
  await due.runDue(new Date(inTwoDays.getTime() + 61 * 60_000));
  expect(await runs()).toHaveLength(2);
  await admin.ask('mutation { storeRetentionClear { userErrors { code } } }');
  await lrs.tell({ jobId: (await runs())[0]!.id, organisationId, revision: 1, state: 'DONE' });
  await eventually(async () => {
    expect((await runs())[0]!.state).toBe('DONE');
  });
  await due.runDue(new Date(inTwoDays.getTime() + 5 * dayMs));
  expect(await runs()).toHaveLength(2);
});
