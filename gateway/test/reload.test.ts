import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueryPlanner } from '@apollo/query-planner';
import { createLogger } from '@lyceum/service';
import type { Client } from 'graphql-ws';
import { watchFile } from '../src/federation/watch-file.ts';
import { eventually } from './kit/eventually.ts';
import { composed, startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

let school: School;
let gateway: TestGateway;
let client: Client;

beforeAll(async () => {
  school = await startSchool();
});

afterAll(() => school.stop());

beforeEach(async () => {
  gateway = await startGateway(school.all);
  client = gateway.connect();
  school.progress.connections.length = 0;
});

afterEach(async () => {
  await client.dispose();
  await gateway.stop();
  await eventually('no subscription is left at the subgraph', () => school.progress.live() === 0);
});

/** The supergraph with each occurrence of a text in a subgraph's SDL replaced. */
function changed(subgraph: string, from: string, to: string): string {
  return composed(
    school.all.map(({ name, url, sdl }) => ({
      name,
      url,
      sdl: name === subgraph ? sdl.replaceAll(from, to) : sdl,
    })),
  );
}

async function subscribed(query: string) {
  const watched = watch(client, query);
  await eventually('it is open', () => school.progress.live() === 1);
  return watched;
}

describe('a new supergraph', () => {
  test('is served with what was asked of the one before planned already', async () => {
    const queries = ['{ courses { title } }', '{ person(id: "ada") { name } }', '{ whoami }'];
    for (const query of queries) await gateway.query(query);
    await gateway.generations.replace(changed('people', 'whoami: String', 'motto: String'));
    const planning = jest.spyOn(QueryPlanner.prototype, 'buildQueryPlan');
    for (const query of queries.slice(0, 2)) expect((await gateway.query(query)).errors).toBeUndefined();
    const planned = planning.mock.calls.length;
    const gone = await gateway.query('{ whoami }');
    planning.mockRestore();
    expect(planned).toBe(0);
    expect(gone.errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  });

  test('is served', async () => {
    expect(
      await gateway.generations.replace(changed('people', 'whoami: String', 'whoami: String motto: String')),
    ).toBe('replaced');
    const { data } = await gateway.query('{ __type(name: "Query") { fields { name } } }');
    expect(JSON.stringify(data)).toContain('motto');
  });

  test.each([
    ['is no GraphQL', 'type Query {'],
    ['is no supergraph', 'type Query { hello: String }'],
    ['is empty', ''],
  ])('that %s is refused, and the current one goes on', async (_name, sdl) => {
    expect(await gateway.generations.replace(sdl)).toBe('refused');
    expect(await gateway.query('{ person(id: "ada") { name } }')).toMatchObject({
      data: { person: { name: 'Ada' } },
    });
    expect(await gateway.generations.replace(changed('people', 'broken', 'mended'))).toBe('replaced');
  });

  test('does not disturb operations that are under way', async () => {
    const release = school.people.hold();
    const answer = gateway.query('{ progress { learner { name } } }');
    await eventually('people are asked', () => school.people.received.length > 0);
    await gateway.generations.replace(changed('people', 'name: String greeting', 'label: String greeting'));
    release();
    expect(await answer).toMatchObject({
      data: { progress: [{ learner: { name: 'Ada' } }, { learner: { name: 'Ben' } }] },
    });
  });
});

describe('a subscription that cannot be planned', () => {
  test('is refused alone, watches no supergraph, and leaves the others of its socket open', async () => {
    const watching = countWatchers();
    const other = await subscribed('subscription { progressUpdated { percent } }');
    expect(watching()).toBe(1);
    const plan = failOnce();
    const faulty = watch(client, 'subscription { progressUpdated { id } }');
    expect(await faulty.end).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    plan.mockRestore();
    expect(watching()).toBe(1);
    school.events.publish(progressOf('ada', 'algebra', 1));
    await eventually('an event', () => other.results.length === 1);
  });
});

describe('the same query of many at once', () => {
  test('is planned once', async () => {
    const plan = jest.spyOn(QueryPlanner.prototype, 'buildQueryPlan');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => gateway.query('{ progress { percent course { title } } }')),
    );
    expect(plan).toHaveBeenCalledTimes(1);
    plan.mockRestore();
    expect(answers.every(({ errors }) => errors === undefined)).toBe(true);
  });
});

describe('a new supergraph for many listeners', () => {
  test('lets others run between them', async () => {
    let turns = 0;
    let moved = 0;
    const turn = () => {
      turns += 1;
      if (moved < 50) setImmediate(turn);
    };
    for (let index = 0; index < 50; index += 1) {
      gateway.generations.onSwap(() => {
        if (moved === 0) setImmediate(turn);
        moved += 1;
        for (const end = performance.now() + 3; performance.now() < end;);
      });
    }
    await gateway.generations.replace(changed('courses', 'title: String', 'title: String subtitle: String'));
    expect(moved).toBe(50);
    expect(turns).toBeGreaterThan(5);
  });
});

/** The next plan fails; how to mend that. */
function failOnce() {
  return jest.spyOn(QueryPlanner.prototype, 'buildQueryPlan').mockImplementationOnce(() => {
    throw new Error('There is no plan');
  });
}

/** No operation has a plan that does not select this field; how to mend that. */
function failAllBut(field: string) {
  const stock = Reflect.get(QueryPlanner.prototype, 'buildQueryPlan');
  return jest.spyOn(QueryPlanner.prototype, 'buildQueryPlan').mockImplementation(function (
    this: QueryPlanner,
    operation,
    options,
  ) {
    if (operation.toString().includes(field)) return stock.call(this, operation, options);
    throw new Error('There is no plan');
  });
}

/** How many watch the supergraph from now on. */
function countWatchers(): () => number {
  let watching = 0;
  const onSwap = gateway.generations.onSwap.bind(gateway.generations);
  jest.spyOn(gateway.generations, 'onSwap').mockImplementation((listener) => {
    watching += 1;
    const stop = onSwap(listener);
    return () => {
      watching -= 1;
      stop();
    };
  });
  return () => watching;
}

describe('a live subscription', () => {
  test('goes on over a new supergraph on the same upstream', async () => {
    const watched = await subscribed('subscription { progressUpdated { percent learner { name } } }');
    await gateway.generations.replace(changed('courses', 'title: String', 'title: String subtitle: String'));
    school.events.publish(progressOf('ada', 'algebra', 1));
    await eventually('an event', () => watched.results.length === 1);
    expect(watched.results).toEqual([
      { data: { progressUpdated: { percent: 1, learner: { name: 'Ada' } } } },
    ]);
    expect(school.progress.connections).toHaveLength(1);
  });

  test('is planned anew: a field that moved is fetched where it is now', async () => {
    const watched = await subscribed('subscription { progressUpdated { course { title } } }');
    const moved = composed(
      school.all.map(({ name, url, sdl }) => ({
        name,
        url,
        sdl:
          name === 'courses'
            ? sdl.replace('title: String', '')
            : name === 'people'
              ? `${sdl} type Course @key(fields: "id") { id: ID! title: String }`
              : sdl,
      })),
    );
    school.people.received.length = 0;
    await gateway.generations.replace(moved);
    school.events.publish(progressOf('ada', 'algebra', 1));
    await eventually('people are asked for the course', () => school.people.received.length === 1);
    expect(school.people.received[0]?.query).toContain('...on Course{title}');
    expect(watched.results.length).toBeLessThanOrEqual(1);
  });

  test('opens another upstream, and leaves the first, where its primary fetch has changed', async () => {
    const before = school.progress.opened();
    const watched = await subscribed('subscription { progressUpdated { percent course { id title } } }');
    // The key of the course is now fetched under another selection: percent has moved away from progress.
    const next = composed(
      school.all.map(({ name, url, sdl }) => ({
        name,
        url,
        sdl:
          name === 'progress'
            ? sdl.replace('percent(scale: Int = 100): Int', '')
            : name === 'people'
              ? `${sdl} type Progress @key(fields: "id") { id: ID! percent(scale: Int = 100): Int }`
              : sdl,
      })),
    );
    expect(await gateway.generations.replace(next)).toBe('replaced');
    await eventually(
      'one upstream is left, on the new plan',
      () => school.progress.live() === 1 && school.progress.opened() === before + 2,
    );
    school.events.publish(progressOf('ada', 'algebra', 1));
    await eventually('an event', () => watched.results.length === 1);
    expect(watched.results[0]?.data).toMatchObject({
      progressUpdated: { course: { id: 'algebra', title: 'Algebra' } },
    });
  });

  test('that many have is planned once', async () => {
    const query = 'subscription { progressUpdated { percent course { title } } }';
    const subscriptions = Array.from({ length: 40 }, () => watch(client, query));
    await eventually('all are open', () => school.progress.live() === 40);
    const plan = jest.spyOn(QueryPlanner.prototype, 'buildQueryPlan');
    await gateway.generations.replace(changed('courses', 'title: String', 'title: String subtitle: String'));
    expect(plan).toHaveBeenCalledTimes(1);
    plan.mockRestore();
    school.events.publish(progressOf('ada', 'algebra', 1));
    await eventually('an event for each', () => subscriptions.every(({ results }) => results.length === 1));
  });

  test('that cannot be planned on the new supergraph ends, and the others go on', async () => {
    const faulty = await subscribed('subscription { progressUpdated { id } }');
    const other = watch(client, 'subscription { progressUpdated { percent } }');
    await eventually('both are open', () => school.progress.live() === 2);
    const plan = failAllBut('percent');
    await gateway.generations.replace(changed('courses', 'title: String', 'title: String subtitle: String'));
    plan.mockRestore();
    expect(await faulty.end).toMatchObject([{ extensions: { code: 'SUBSCRIPTION_INVALIDATED' } }]);
    school.events.publish(progressOf('ada', 'algebra', 1));
    await eventually('an event', () => other.results.length === 1);
  });

  test('that is no longer valid ends with the reason', async () => {
    const watched = await subscribed('subscription { progressUpdated { course { title } } }');
    await gateway.generations.replace(changed('courses', 'title: String', 'heading: String'));
    expect(await watched.end).toMatchObject([
      {
        message: expect.stringContaining('Cannot query field "title" on type "Course"'),
        extensions: { code: 'SUBSCRIPTION_INVALIDATED' },
      },
    ]);
    await eventually('the upstream is closed', () => school.progress.live() === 0);
  });

  test('survives a supergraph that is refused', async () => {
    const watched = await subscribed('subscription { progressUpdated { percent } }');
    await gateway.generations.replace('nonsense');
    school.events.publish(progressOf('ada', 'algebra', 3));
    await eventually('an event', () => watched.results.length === 1);
  });
});

describe('the supergraph file', () => {
  const logger = createLogger({ service: 'gateway', level: 'silent' });
  let directory: string;
  let stop: () => void;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'supergraph-'));
    await writeFile(join(directory, 'supergraph.graphql'), 'first');
  });

  afterEach(async () => {
    stop();
    await rm(directory, { recursive: true });
  });

  test('is read once after several writes in a row, also when another file is renamed over it', async () => {
    const path = join(directory, 'supergraph.graphql');
    const seen: string[] = [];
    // So long that however slow the machine is, the second write comes before it is over.
    const settleMs = 1_500;
    const onChange = async (sdl: string) => seen.push(sdl);
    stop = watchFile(path, { logger, what: 'supergraph', onChange, settleMs });
    await writeFile(path, 'second');
    await writeFile(path, 'third');
    await eventually('the last text', () => seen.at(-1) === 'third');
    expect(seen).toEqual(['third']);
    await writeFile(`${path}.next`, 'fourth');
    await rename(`${path}.next`, path);
    await eventually('the renamed file', () => seen.at(-1) === 'fourth');
  });
});
