import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createSystem,
  eventually,
  graphqlClient,
  subscribe,
  type LiveSubscription,
  type System,
} from '@lyceum/testing';
import { untilNothingIsUnderWay } from './kit/under-way.ts';
import { demoSecret, logIn, tryToLogIn, type Person } from './kit/people.ts';
import { completed, completion, postStatements, queryClickHouse, timesStored } from './kit/records.ts';
import { openScreen } from './kit/screen.ts';
import { takeQuiz } from './kit/take-quiz.ts';

// What a user sees, in the order in which they see it; one system serves the whole story.

let system: System;
let learner: Person;
let author: Person;

const startMs = 120_000;

beforeAll(async () => {
  system = createSystem();
  await system.start();
  [learner, author] = await Promise.all([logIn(system, 'learner'), logIn(system, 'author')]);
}, startMs);

afterAll(() => system.delete(), 30_000);

describe('the banner', () => {
  test('names every address, the demo accounts and the demo key', () => {
    const said = system.supervisor().output();
    expect(said).toContain(`${system.url('gateway')}/graphql`);
    expect(said).toContain(`${system.url('lrs-receive')}/xapi`);
    for (const name of ['admin@', 'author@', 'instructor@', 'learner@lyceum.example', demoSecret]) {
      expect(said).toContain(name);
    }
    for (const name of ['identity', 'catalog', 'learning', 'assessment', 'records']) {
      expect(said).toContain(`${name} ${new URL(system.url(name)).port}`);
    }
  });
});

interface ProgressEvent {
  progressUpdated: {
    percent: number;
    status: string;
    learner: { name: string };
    course: { title: string };
    updatedAt: string;
  };
}

describe('a statement on its way to a screen', () => {
  let screen: LiveSubscription<ProgressEvent>;
  let statementId: string;

  beforeAll(async () => {
    // As the banner has it, word for word.
    const subscription = /^ {2}(subscription \{.*\})$/m.exec(system.supervisor().output())![1]!;
    screen = await openScreen(system, subscription, learner);
  });

  afterAll(() => screen.close());

  // How fast is for the benchmark `live` to say, on a machine that does nothing else.
  test('the banner’s curl line reaches the subscriber, with name and title', async () => {
    const upcoming = screen.next();
    statementId = runCurl();
    const { data, errors } = await upcoming;
    expect(errors).toBeUndefined();
    const { viewer } = await learner.ask<{ viewer: { user: { name: string } } }>(
      '{ viewer { user { name } } }',
    );
    expect(data.progressUpdated).toEqual({
      percent: expect.any(Number),
      status: 'STARTED',
      learner: { name: viewer.user.name },
      course: { title: 'Foundations of Data Literacy' },
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(data.progressUpdated.percent).toBeGreaterThan(0);
  });

  test('the statement is in ClickHouse once, and records shows it', async () => {
    await eventually(async () => {
      expect(await timesStored(system, statementId)).toBe(1);
    });
    const { statements } = await learner.ask<{
      statements: {
        nodes: { id: string; verb: { iri: string }; user: { id: string } }[];
        totalCount: number;
      };
    }>('{ statements(first: 10) { nodes { id verb { iri } user { id } } totalCount } }');
    expect(statements).toEqual({
      nodes: [{ id: statementId, verb: { iri: completed }, user: { id: learner.id } }],
      totalCount: 1,
    });
  });

  test('the same said again changes no progress', async () => {
    const before = await percentages();
    const id = runCurl();
    expect(id).not.toBe(statementId);
    await eventually(async () => {
      expect(await timesStored(system, id)).toBe(1);
    });
    await untilNothingIsUnderWay(system);
    expect(await percentages()).toEqual(before);
  });

  test('the same statement sent twice is stored once', async () => {
    const id = crypto.randomUUID();
    const item = /activities\/(item_\w+)/.exec(curlLine())![1]!;
    const statement = { id, ...completion(system, learner.id, item) };
    for (const attempt of [
      await postStatements(system, statement),
      await postStatements(system, statement),
    ]) {
      expect(attempt.status).toBe(200);
      expect(await attempt.json()).toEqual([id]);
    }
    await untilNothingIsUnderWay(system);
    expect(await timesStored(system, id)).toBe(1);
  });
});

describe('what is refused', () => {
  test('a wrong password, and an account that does not exist, in the same words', async () => {
    const wrong = await tryToLogIn(system, 'learner@lyceum.example', 'wrong');
    const unknown = await tryToLogIn(system, 'nobody@lyceum.example', demoSecret);
    expect(wrong.sessionCreate.tokens).toBeNull();
    expect(wrong.sessionCreate.userErrors).toHaveLength(1);
    expect(unknown).toEqual(wrong);
  });

  test('an xAPI request with a wrong secret', async () => {
    const answer = await postStatements(system, completion(system, learner.id, 'item_x'), {
      secret: 'wrong',
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  test('a statement with a fault, with the path and the reason; the sound one beside it is not stored', async () => {
    const sound = { id: crypto.randomUUID(), ...completion(system, learner.id, 'item_x') };
    const { verb: _missing, ...faulty } = sound;
    const answer = await postStatements(system, [sound, { ...faulty, id: crypto.randomUUID() }]);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toMatch(/verb/);
    await untilNothingIsUnderWay(system);
    expect(await timesStored(system, sound.id)).toBe(0);
  });

  test('a visitor’s query and subscription', async () => {
    const visitor = graphqlClient(system.url('gateway'));
    const { errors } = await visitor('{ enrolments(first: 1) { nodes { id } } }');
    expect(errors![0]!.extensions['code']).toBe('UNAUTHENTICATED');
    const screen = subscribe(system.url('gateway'), 'subscription { progressUpdated { percent } }');
    const told = await screen.next();
    expect(told.data).toBeNull();
    expect(told.errors![0]!.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    await screen.close();
  });
});

describe('a course from enrolment to a passed quiz', () => {
  interface Item {
    id: string;
    type: string;
    assessment: { id: string } | null;
  }
  let course: { id: string; title: string; items: Item[] };

  beforeAll(async () => {
    const { courses } = await learner.ask<{
      courses: {
        nodes: {
          id: string;
          title: string;
          myEnrolment: { id: string } | null;
          modules: { items: Item[] }[];
        }[];
      };
    }>(
      '{ courses(first: 10) { nodes { id title myEnrolment { id } modules { items { id type assessment { id } } } } } }',
    );
    const open = courses.nodes.find(({ myEnrolment }) => myEnrolment === null)!;
    course = { ...open, items: open.modules.flatMap(({ items }) => items) };
  });

  test('enrolling twice with one key is one enrolment', async () => {
    const enrol = () =>
      learner.ask<{ enrolmentCreate: { enrolment: { id: string; course: { title: string } } } }>(
        `mutation Enrol($input: EnrolmentCreateInput!) {
          enrolmentCreate(input: $input) { enrolment { id course { title } } userErrors { message } }
        }`,
        { input: { courseId: course.id, idempotencyKey: 'story' } },
      );
    const first = await enrol();
    expect(first.enrolmentCreate.enrolment.course.title).toBe(course.title);
    expect(await enrol()).toEqual(first);
  });

  test('a quiz answered rightly passes, and completes its item for every subscriber and in the records', async () => {
    const quiz = course.items.find(({ type }) => type === 'QUIZ')!;
    const screen = await openScreen<ProgressEvent>(
      system,
      'subscription ($courseId: ID) { progressUpdated(courseId: $courseId) { percent course { title } } }',
      learner,
      { courseId: course.id },
    );
    const upcoming = screen.next();
    const result = await eventually(() => takeQuiz(learner, author, quiz.assessment!.id));
    expect(result).toEqual({ state: 'GRADED', passed: true, score: { scaled: 1 } });
    const { data } = await upcoming;
    expect(data.progressUpdated.course.title).toBe(course.title);
    await screen.close();
    await eventually(async () => {
      expect(await statusOf(quiz.id)).toBe('PASSED');
      const passed = `${system.state().publicUrl}/xapi/activities/${quiz.id}`;
      expect(
        await queryClickHouse(system, `SELECT 1 FROM statements WHERE activity = '${passed}' AND success`),
      ).toHaveLength(1);
    });
  });

  async function statusOf(itemId: string): Promise<string> {
    const { progress } = await learner.ask<{
      progress: { modules: { items: { item: { id: string }; status: string }[] }[] };
    }>('query Progress($id: ID!) { progress(courseId: $id) { modules { items { item { id } status } } } }', {
      id: course.id,
    });
    return progress.modules.flatMap(({ items }) => items).find(({ item }) => item.id === itemId)!.status;
  }
});

describe('a look at what runs', () => {
  test('npm run status names every service, ready, on its engine, with nothing left to read', async () => {
    await untilNothingIsUnderWay(system);
    const status = system.run(['status']);
    expect(await status.ended).toBe(0);
    for (const { name, url } of system.state().services) {
      expect(status.output()).toMatch(new RegExp(`^${name} .* ${url} +ready`, 'm'));
    }
    expect(status.output()).toContain('PostgreSQL: embedded · ClickHouse: embedded · event log: embedded');
  });

  test('the start page and its state answer', async () => {
    const page = await fetch(system.url('gateway'), { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('/graphql');
    const status = (await (await fetch(`${system.url('gateway')}/status.json`)).json()) as {
      services: { name: string; state: string }[];
      statements: { received: number; lag: number };
    };
    expect(status.services.map(({ state }) => state)).toEqual(status.services.map(() => 'ready'));
    expect(status.statements.received).toBeGreaterThan(2);
  });
});

describe('Ctrl-C, and another start', () => {
  test(
    'stops in time; started again, everything is still there',
    async () => {
      await untilNothingIsUnderWay(system);
      const before = { percentages: await percentages(), statements: await storedStatements() };
      // 0: every process ended by itself within the ten seconds that the supervisor gives them all.
      expect(await system.stop()).toBe(0);

      await system.start();
      learner = await logIn(system, 'learner');
      expect(system.supervisor().output()).not.toContain('demo data');
      expect({ percentages: await percentages(), statements: await storedStatements() }).toEqual(before);
    },
    startMs,
  );

  test('a statement still finds its way to a screen', async () => {
    const screen = await openScreen<ProgressEvent>(
      system,
      'subscription { progressUpdated { percent } }',
      learner,
    );
    const upcoming = screen.next();
    const answer = await postStatements(system, completion(system, learner.id, await itemNotDone()));
    expect(answer.status).toBe(200);
    expect((await upcoming).errors).toBeUndefined();
    await screen.close();
  });
});

function curlLine(): string {
  return /^ {2}(curl .*)$/m.exec(system.supervisor().output())![1]!;
}

/** Runs the banner's line in a shell; answers the statement's id. */
function runCurl(): string {
  const answer = execFileSync('sh', ['-c', curlLine()], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [id] = JSON.parse(answer) as [string];
  return id;
}

/** By course. */
async function percentages(): Promise<Record<string, number>> {
  const { enrolments } = await learner.ask<{
    enrolments: { nodes: { course: { title: string }; progress: { percent: number } }[] };
  }>('{ enrolments(first: 10) { nodes { course { title } progress { percent } } } }');
  return Object.fromEntries(enrolments.nodes.map(({ course, progress }) => [course.title, progress.percent]));
}

async function storedStatements(): Promise<string[]> {
  const rows = await queryClickHouse<{ id: string }>(system, 'SELECT id FROM statements ORDER BY stored, id');
  return rows.map(({ id }) => id);
}

/** A required page of a course in which the learner is enrolled, not completed yet. */
async function itemNotDone(): Promise<string> {
  interface Answer {
    enrolments: {
      nodes: {
        course: { modules: { items: { id: string; type: string; required: boolean }[] }[] };
        progress: { modules: { items: { status: string; item: { id: string } }[] }[] };
      }[];
    };
  }
  const { enrolments } = await learner.ask<Answer>(`{
    enrolments(first: 10) {
      nodes {
        course { modules { items { id type required } } }
        progress { modules { items { status item { id } } } }
      }
    }
  }`);
  const itemsOf = <Item>(modules: { items: Item[] }[]) => modules.flatMap(({ items }) => items);
  const begun = enrolments.nodes
    .flatMap(({ progress }) => itemsOf(progress.modules))
    .map(({ item }) => item.id);
  const items = enrolments.nodes.flatMap(({ course }) => itemsOf(course.modules));
  return items.find(({ id, type, required }) => required && type === 'PAGE' && !begun.includes(id))!.id;
}
