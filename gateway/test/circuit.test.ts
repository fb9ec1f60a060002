import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from './kit/eventually.ts';
import { startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

let school: School;
let gateway: TestGateway;

beforeEach(async () => {
  school = await startSchool();
  gateway = await startGateway(school.all, { subgraphTimeoutMs: 400 });
});

afterEach(async () => {
  await gateway.stop();
  await school.stop();
});

const both = '{ progress { percent course { title } learner { name } } }';
const harm = {
  progress: [
    { percent: 10, course: { title: null }, learner: { name: 'Ada' } },
    { percent: 20, course: { title: null }, learner: { name: 'Ben' } },
  ],
};
const down = 'The subgraph "courses" is down, and is not asked until it answers again.';

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.origin}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(name));
  return Number(line?.split(' ').at(-1) ?? 0);
}

const stateOf = async (subgraph: string) => {
  const states = ['closed', 'open', 'trying'];
  const values = await Promise.all(
    states.map((state) => metric(`lyceum_gateway_circuit{subgraph="${subgraph}",state="${state}"`)),
  );
  return states[values.indexOf(1)];
};

/** Asks until the answer is that the subgraph is down. */
const untilDown = () =>
  eventually('the circuit to open', async () => {
    const { errors } = await gateway.query(both);
    return errors?.[0]?.message === down;
  });

const untilHealed = () =>
  eventually('the circuit to close, with nobody asking', async () => (await stateOf('courses')) === 'closed');

/** How a subgraph can be down, and how it is well again. */
const outages: readonly (readonly [string, () => Promise<() => Promise<void> | void>])[] = [
  [
    'is not there',
    async () => {
      await school.courses.stop();
      return () => school.courses.restart();
    },
  ],
  ['hangs', async () => school.courses.hold()],
  [
    'answers garbage',
    async () => {
      school.courses.answerWith({ status: 200, text: '<html>Welcome</html>' });
      return () => {
        school.courses.answerWith(undefined);
      };
    },
  ],
  [
    'answers 503',
    async () => {
      school.courses.answerWith({ status: 503, text: 'no healthy upstream' });
      return () => {
        school.courses.answerWith(undefined);
      };
    },
  ],
];

describe.each(outages)('a subgraph that %s', (_name, begin) => {
  test('is soon answered for at once, harms nothing else, and heals without a restart', async () => {
    const end = await begin();
    await untilDown();
    const before = performance.now();
    const { data, errors } = await gateway.query(both);
    expect(performance.now() - before).toBeLessThan(300);
    expect(data).toEqual(harm);
    expect(errors).toEqual([
      {
        message: down,
        path: ['progress'],
        extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'courses' },
      },
    ]);
    expect(await stateOf('courses')).toBe('open');
    expect(await stateOf('people')).toBe('closed');
    expect(await metric('lyceum_gateway_circuit_openings_total{subgraph="courses"')).toBeGreaterThan(0);

    await end();
    await untilHealed();
    expect((await gateway.query(both)).errors).toBeUndefined();
  });
});

describe('while a subgraph is down', () => {
  test('it is sent nothing but the question how it is', async () => {
    school.courses.answerWith({ status: 503, text: 'no' });
    await untilDown();
    school.courses.received.length = 0;
    for (let time = 0; time < 20; time += 1) await gateway.query(both);
    expect(new Set(school.courses.received.map(({ query }) => query))).not.toContain('{courses{title}}');
    expect(school.courses.received.filter(({ query }) => query !== '{__typename}')).toEqual([]);
  });

  test('subscriptions of others go on, its fields null in their events', async () => {
    const client = gateway.connect();
    const watched = watch(
      client,
      'subscription { progressUpdated { percent course { title } learner { name } } }',
    );
    await eventually('the subscription', () => school.progress.live() === 1);
    await school.courses.stop();
    await untilDown();
    school.events.publish(progressOf('ada', 'algebra', 30));
    await eventually('the event', () => watched.results.length === 1);
    expect(watched.results[0]).toMatchObject({
      data: { progressUpdated: { percent: 30, course: { title: null }, learner: { name: 'Ada' } } },
      errors: [{ message: down }],
    });
    await school.courses.restart();
    await untilHealed();
    school.events.publish(progressOf('ada', 'algebra', 40));
    await eventually('the next', () => watched.results.length === 2);
    expect(watched.results[1]?.errors).toBeUndefined();
    await client.dispose();
  });
});

describe('a subgraph that is well is not taken for down', () => {
  test('by an operation that is too slow for it', async () => {
    const release = school.courses.hold((query) => query.includes('title'));
    const { errors } = await gateway.query('{ courses { title } }');
    expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_TIMEOUT' } }]);
    await eventually('the question how it is', () =>
      school.courses.received.some(({ query }) => query === '{__typename}'),
    );
    expect((await gateway.query('{ courses { id } }')).errors).toBeUndefined();
    expect(await metric('lyceum_gateway_circuit_openings_total{subgraph="courses"')).toBe(0);
    release();
  });

  test('by refusing what it is sent', async () => {
    school.courses.answerWith({ status: 413, text: 'Too large' });
    for (let time = 0; time < 8; time += 1)
      expect((await gateway.query('{ courses { title } }')).errors).toMatchObject([
        { extensions: { code: 'SUBGRAPH_BAD_ANSWER' } },
      ]);
    school.courses.answerWith(undefined);
    expect((await gateway.query('{ courses { title } }')).errors).toBeUndefined();
  });
});

test('one that says it is well and fails all it is asked is tried with one operation at a time', async () => {
  const release = school.courses.hold((query) => query.includes('title'));
  await untilDown();
  await eventually('the trial', async () => (await stateOf('courses')) === 'trying');
  school.courses.received.length = 0;
  const tokens = ['ada', 'ben', 'cleo', 'dan', 'eve'];
  const answers = await Promise.all(tokens.map((token) => gateway.query('{ courses { title } }', { token })));
  const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.['code']);
  expect(codes.filter((code) => code === 'SUBGRAPH_TIMEOUT')).toHaveLength(1);
  expect(codes.filter((code) => code === 'SUBGRAPH_UNAVAILABLE')).toHaveLength(4);
  expect(school.courses.received.filter(({ query }) => query.includes('title'))).toHaveLength(1);
  release();
  await eventually('the circuit to close', async () => {
    await gateway.query('{ courses { title } }');
    return (await stateOf('courses')) === 'closed';
  });
});
