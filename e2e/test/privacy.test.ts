import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSystem, eventually, filesInZip, graphqlClient, subscribe, type System } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { queryDatabase } from './kit/database.ts';
import { demoSecret, logIn, tryToLogIn, type Person } from './kit/people.ts';
import { completion, postStatements, queryClickHouse } from './kit/records.ts';
import { takeQuiz } from './kit/take-quiz.ts';
import { untilNothingIsUnderWay } from './kit/under-way.ts';

// What is held of a learner in every service, gathered and then erased, while the processes that do it are killed.

let system: System;
let admin: Person;
let author: Person;
let learner: Person & { name: string; email: string };

const startMs = 120_000;
const name = 'Quillon Featherstone';
const email = 'quillon.featherstone@lyceum.example';
const itemsDone = 40_000;

beforeAll(async () => {
  system = createSystem();
  await system.start();
  admin = await logIn(system, 'admin');
  author = await logIn(system, 'author');
  learner = await newLearner();
  await learn();
}, startMs + 60_000);

afterAll(() => system.delete(), 30_000);

interface Job {
  id: string;
  state: string;
  partsEnded: number;
  parts: { service: string; state: string; failure: string | null; report: object[] }[];
}

const fields = `
  id state partsEnded archiveUrl parts { service state failure report { what action count reason } }`;

async function newLearner() {
  const input = { name, email, password: demoSecret, roles: ['LEARNER'] };
  await admin.ask(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } userErrors { message } } }',
    { input },
  );
  const { sessionCreate } = await tryToLogIn(system, email, demoSecret);
  const token = sessionCreate.tokens?.accessToken ?? '';
  const client = graphqlClient(system.url('gateway'), token);
  const ask: Person['ask'] = async (query, variables) => {
    const { data, errors } = await client<never>(query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  return { id: decodeJwt(token).sub ?? '', token, ask, name, email };
}

/** A course, a quiz, statements by account and by address, and so much progress that to gather it takes a while. */
async function learn(): Promise<void> {
  interface Course {
    id: string;
    modules: { items: { id: string; assessment: { id: string } | null }[] }[];
  }
  const { courses } = await admin.ask<{ courses: { nodes: Course[] } }>(
    '{ courses(first: 20) { nodes { id modules { items { id assessment { id } } } } } }',
  );
  const withQuiz = courses.nodes.find(({ modules }) =>
    modules.some(({ items }) => items.some(({ assessment }) => assessment)),
  )!;
  await learner.ask(
    `mutation ($input: EnrolmentCreateInput!) {
      enrolmentCreate(input: $input) { enrolment { id } userErrors { message } }
    }`,
    { input: { courseId: withQuiz.id, idempotencyKey: 'enrol' } },
  );
  const items = withQuiz.modules.flatMap((module) => module.items);
  const quiz = items.find(({ assessment }) => assessment)!.assessment!.id;
  await eventually(() => takeQuiz(learner, author, quiz), { timeoutMs: 20_000 });
  const byAccount = completion(system, learner.id, items[0]!.id);
  const byAddress = { ...byAccount, actor: { name, mbox: `mailto:${email}` } };
  for (const statement of [byAccount, byAddress])
    expect((await postStatements(system, statement)).status).toBe(200);
  await queryDatabase(
    system,
    'learning',
    `INSERT INTO item_progress (id, organisation_id, learner_id, item_id, started_at, updated_at)
     SELECT 'p-' || n, organisation_id, user_id, 'item-' || lpad(n::text, 6, '0'), now(), now()
     FROM learner, generate_series(1, ${itemsDone}) AS n WHERE user_id = '${learner.id}'`,
  );
  await untilNothingIsUnderWay(system);
}

async function killSubgraphs(): Promise<void> {
  const running = () => system.state().processes.find((process) => process.name === 'subgraphs')!;
  const { pid, restarts } = running();
  process.kill(pid!, 'SIGKILL');
  await eventually(
    () => {
      expect(running()).toMatchObject({ restarts: restarts + 1, status: 'ready' });
    },
    { timeoutMs: 45_000, pauseMs: 100 },
  );
}

const untilDone = (id: string) =>
  eventually(
    async () => {
      const { privacyJob } = await admin.ask<{ privacyJob: Job }>(
        `query ($id: ID!) { privacyJob(id: $id) { ${fields} } }`,
        { id },
      );
      expect([privacyJob.state, privacyJob]).toEqual(['DONE', expect.anything()]);
      return privacyJob;
    },
    { timeoutMs: 90_000, pauseMs: 200 },
  );

const linesOf = (text = '') => text.split('\n').filter(Boolean);

describe('an export', () => {
  let job: Job;
  let files: Map<string, string>;

  test('is seen to come further over the gateway, part by part', async () => {
    const { personalDataExport } = await learner.ask<{ personalDataExport: { job: Job } }>(
      `mutation { personalDataExport(input: {}) { job { id } userErrors { message } } }`,
    );
    const live = subscribe<{ privacyJobChanged: Job & { user: { name: string } } }>(
      system.url('gateway'),
      'subscription ($id: ID!) { privacyJobChanged(id: $id) { id state partsEnded user { name } } }',
      { token: learner.token, variables: { id: personalDataExport.job.id } },
    );
    let last: Job & { user: { name: string } };
    do last = (await live.next()).data.privacyJobChanged;
    while (last.state !== 'DONE');
    expect(last).toMatchObject({ id: personalDataExport.job.id, partsEnded: 6, user: { name } });
    await live.close();
  }, 60_000);

  test('ends although every process of it is killed in its midst', async () => {
    const { personalDataExport } = await learner.ask<{ personalDataExport: { job: Job } }>(
      `mutation { personalDataExport(input: {}) { job { ${fields} } userErrors { message } } }`,
    );
    const { id } = personalDataExport.job;
    expect(personalDataExport.job).toMatchObject({ state: 'RUNNING', archiveUrl: null });
    await eventually(
      async () => {
        const [told] = await queryDatabase<{ count: number }>(
          system,
          'identity',
          `SELECT count(*)::int AS count FROM privacy_job_piece WHERE job_id = '${id}'`,
        );
        expect(told?.count).toBeGreaterThan(0);
      },
      { timeoutMs: 30_000, pauseMs: 10 },
    );
    await killSubgraphs();
    job = await untilDone(id);
    expect(job.parts.map(({ service, state, failure }) => [service, state, failure])).toEqual(
      ['assessment', 'catalog', 'identity', 'learning', 'lrs', 'records'].map((service) => [
        service,
        'DONE',
        null,
      ]),
    );
  }, 180_000);

  test('is an archive with all that there is, each row once', async () => {
    const url = `${system.url('gateway')}/people/personal-data/${job.id}`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${learner.token}` } });
    expect(answer.status).toBe(200);
    files = await filesInZip(await answer.arrayBuffer());
    expect(files.get('identity/membership.jsonl')).toContain(name);
    expect(linesOf(files.get('learning/enrolments.jsonl'))).toHaveLength(1);
    const progress = linesOf(files.get('learning/item-progress.jsonl'));
    expect(progress.length).toBeGreaterThanOrEqual(itemsDone);
    expect(new Set(progress).size).toBe(progress.length);
    expect(linesOf(files.get('assessment/attempts.jsonl'))).toHaveLength(1);
    expect(linesOf(files.get('assessment/responses.jsonl')).length).toBeGreaterThan(1);
    const statements = linesOf(files.get('lrs/statements.jsonl'));
    expect(statements.filter((line) => line.includes(`mailto:${email}`))).toHaveLength(1);
    expect(statements.filter((line) => line.includes(learner.id)).length).toBeGreaterThan(1);
    expect(JSON.parse(files.get('manifest.json') ?? '')).toMatchObject({ person: learner.id });
  });

  test('is nobody else’s to fetch', async () => {
    const url = `${system.url('gateway')}/people/personal-data/${job.id}`;
    const { token } = author;
    expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(404);
    expect((await fetch(url)).status).toBe(401);
  });
});

describe('an erasure', () => {
  let job: Job;

  test('ends although every process of it is killed in its midst', async () => {
    const { personErase } = await admin.ask<{ personErase: { job: Job; userErrors: object[] } }>(
      `mutation ($input: PersonEraseInput!) { personErase(input: $input) { job { ${fields} } userErrors { message } } }`,
      { input: { userId: learner.id, email } },
    );
    expect(personErase.userErrors).toEqual([]);
    expect(await timesInStatements(email)).toBeGreaterThan(0);
    await killSubgraphs();
    job = await untilDone(personErase.job.id);
    expect(job.parts.every(({ state, report }) => state === 'DONE' && Array.isArray(report))).toBe(true);
  }, 180_000);

  test('leaves no login', async () => {
    const { sessionCreate } = await tryToLogIn(system, email, demoSecret);
    expect(sessionCreate.tokens).toBeNull();
    const { errors } = await graphqlClient(
      system.url('gateway'),
      learner.token,
    )('{ viewer { user { id } } }');
    expect(errors).toBeDefined();
  });

  test('leaves neither name nor address in any answer, and results under the id alone', async () => {
    await untilNothingIsUnderWay(system);
    const answer = await admin.ask<{
      users: { nodes: object[] };
      enrolments: { nodes: { learner: object }[] };
      attempts: { nodes: object[] };
    }>(
      `query ($id: ID!) {
        user(id: $id) { id name email bio }
        users(first: 100, filter: { search: "Featherstone" }) { nodes { id } }
        enrolments(first: 10, filter: { learnerId: $id }) { nodes { status learner { id name } progress { percent } } }
        attempts(first: 10, filter: { learnerId: $id }) { nodes { state score { scaled } learner { name } } }
        auditEvents(first: 100, filter: { subjectId: $id }) { nodes { act actor { name } changes { before after } } }
        statements(first: 100, filter: { actor: $id }) { nodes { id user { id name } } }
      }`,
      { id: learner.id },
    );
    expect(answer.users.nodes).toEqual([]);
    expect(answer.enrolments.nodes).toMatchObject([{ learner: { id: learner.id, name: 'Erased person' } }]);
    expect(answer.attempts.nodes).toMatchObject([{ state: 'GRADED', learner: { name: 'Erased person' } }]);
    const text = JSON.stringify(answer);
    for (const word of ['Featherstone', email]) expect(text).not.toContain(word);
  });

  test('leaves neither name nor address in any table but the audit log', async () => {
    for (const service of ['identity', 'catalog', 'learning', 'assessment', 'lrs', 'records'])
      expect([service, await tablesWith(service, email)]).toEqual([
        service,
        service === 'identity' ? ['audit_event', 'mail'] : [],
      ]);
    for (const word of ['Featherstone', email]) expect(await timesInStatements(word)).toBe(0);
  });

  test('lets the address register anew, as somebody else', async () => {
    const input = { name: 'Somebody New', email, password: demoSecret, roles: ['LEARNER'] };
    const { userCreate } = await admin.ask<{ userCreate: { user: { id: string } } }>(
      'mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } userErrors { message } } }',
      { input },
    );
    expect(userCreate.user.id).not.toBe(learner.id);
  });
});

/** The tables of a service in which a text stands anywhere; the mail that tells of the erasure goes within a minute. */
async function tablesWith(service: string, text: string): Promise<string[]> {
  const tables = await queryDatabase<{ name: string }>(
    system,
    service,
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const found: string[] = service === 'identity' ? ['mail'] : [];
  for (const { name: table } of tables.filter((one) => one.name !== 'mail')) {
    const where = `position(lower('${text}') IN lower(t::text)) > 0`;
    const rows = await queryDatabase(system, service, `SELECT 1 FROM "${table}" t WHERE ${where} LIMIT 1`);
    if (rows.length > 0) found.push(table);
  }
  return found.sort();
}

async function timesInStatements(text: string): Promise<number> {
  const tables = await queryClickHouse<{ name: string }>(
    system,
    `SELECT name FROM system.tables WHERE database = 'lyceum' AND total_rows > 0`,
  );
  let times = 0;
  for (const { name: table } of tables) {
    const [row] = await queryClickHouse<{ count: string }>(
      system,
      `SELECT count() AS count FROM lyceum."${table}" WHERE position(formatRow('JSONEachRow', *), '${text}') > 0`,
    );
    times += Number(row?.count ?? 0);
  }
  return times;
}
