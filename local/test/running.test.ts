import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { getPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunState } from '../src/data/run-state.ts';
import { layout } from '../src/layout.ts';
import { command, dataDirectory, runNode, start, type StartedCommand } from './start-process.ts';

/** One system serves all tests here, in their order: a start takes seconds of two cores. */
let directory: string;
let system: StartedCommand;
const env = () => ({ LYCEUM_DATA_DIR: directory });
const state = () => JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as RunState;
const addressOf = (service: string) => state().services.find(({ name }) => name === service)!.url;
const pidOf = (name: string) => state().processes.find((process) => process.name === name)!.pid!;

/** Node's own threads: ClickHouse puts one of its own first, where it may. Not on Linux, a process has one niceness. */
function threadsOf(pid: number): number[] {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return [pid];
  return readdirSync(tasks)
    .filter((thread) => readFileSync(`${tasks}/${thread}/comm`, 'utf8') === 'node\n')
    .map(Number);
}

const readyMs = 150_000;

beforeAll(async () => {
  directory = await dataDirectory();
  system = start(env());
  await system.until(/Lyceum is ready after/);
}, readyMs);

afterAll(async () => {
  system.child.kill('SIGKILL');
  await Promise.all(Object.values(runningPids()).map(gone));
  rmSync(dirname(directory), { recursive: true, force: true });
}, 30_000);

describe('a first start', () => {
  test('says which processes came up, where things are, and how to see something happen', () => {
    for (const { name } of layout) expect(system.output()).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(system.output()).toContain(`${addressOf('gateway')}/graphql`);
    expect(system.output()).toContain('learner@lyceum.example');
    expect(system.output()).toMatch(/^ {2}curl .*completed/m);
  });

  test('loaded three published courses, two of which the demo learner takes and has not begun', async () => {
    const { courses, enrolments } = await asLearner(
      '{ courses { nodes { status modules { items { id } } } } enrolments { nodes { status progress { percent } } } }',
    );
    expect(courses.nodes.map(({ status }) => status)).toEqual(['PUBLISHED', 'PUBLISHED', 'PUBLISHED']);
    expect(enrolments.nodes).toEqual(Array(2).fill({ status: 'ACTIVE', progress: { percent: 0 } }));
  });

  test('offers a line for the shell that moves the demo learner’s progress', async () => {
    const line = /^ {2}(curl .*)$/m.exec(system.output())![1]!;
    const posted = runShell(line);
    expect(await posted.ended).toBe(0);
    expect(posted.output()).toMatch(/\["[0-9a-f-]{36}"\]/);
    await eventually(async () => {
      const { enrolments } = await asLearner('{ enrolments { nodes { progress { percent } } } }');
      return enrolments.nodes.some(({ progress }) => progress.percent > 0);
    });
  });
});

describe('while it runs', () => {
  test('a second start says who holds the data, and does no harm', async () => {
    const second = start(env());
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(new RegExp(`in use by process ${system.child.pid} .*since \\d{4}-`, 's'));
  });

  test('status shows every service ready, and on what engine', async () => {
    const status = command(['status'], env());
    expect(await status.ended).toBe(0);
    for (const { services } of layout)
      for (const name of services) expect(status.output()).toMatch(ready(name));
    expect(status.output()).toContain('PostgreSQL: embedded');
  });

  test('the processes that nobody waits for go last, with all their threads', () => {
    const asked = Object.fromEntries(layout.map(({ name, niceness }) => [name, [niceness]]));
    const given = layout.map(({ name }) => [name, [...new Set(threadsOf(pidOf(name)).map(getPriority))]]);
    expect(Object.fromEntries(given)).toEqual(asked);
  });

  test('reset refuses', async () => {
    const reset = command(['reset', '--yes'], env());
    expect(await reset.ended).toBe(1);
    expect(reset.output()).toContain(`running as process ${system.child.pid}`);
    expect(existsSync(join(directory, 'run.json'))).toBe(true);
  });

  test.each(layout.map(({ name }) => name))(
    '%s comes back after kill -9, and it is said',
    async (name) => {
      const killed = pidOf(name);
      process.kill(killed, 'SIGKILL');
      await system.until(`${name} stopped unexpectedly (ended by SIGKILL)`);
      await system.until(`${name} is back`);
      expect(pidOf(name)).not.toBe(killed);
      await eventually(async () => (await command(['status'], env()).ended) === 0, 60_000);
    },
    90_000,
  );
});

describe('simulate', () => {
  const run = (seed: string) =>
    command(['simulate', '--learners', '4', '--rate', '30', '--minutes', '0.05', '--seed', seed], env());

  test('brings learners who work: all that they send is accepted, and progress equals a rebuild', async () => {
    const simulation = run('3');
    expect(await simulation.ended).toBe(0);
    expect(simulation.output()).toMatch(/statements +(\d+) sent, \1 accepted/);
    const check = command(['rebuild-progress', '--check'], env());
    expect(await check.ended).toBe(0);
  }, 60_000);

  test('may use a seed again: the same people, the same statements, nothing refused', async () => {
    expect(await run('3').ended).toBe(0);
  }, 60_000);
});

describe('a stop', () => {
  test('leaves nothing running', async () => {
    const pids = runningPids();
    const address = new URL(addressOf('gateway'));
    system.child.kill('SIGINT');
    expect(await system.ended).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    await expect(accepts(address)).rejects.toThrow('ECONNREFUSED');
    expect(existsSync(join(directory, 'run.json'))).toBe(false);
  }, 20_000);

  test('leaves status to say that nothing runs', async () => {
    const status = command(['status'], env());
    expect(await status.ended).toBe(1);
    expect(status.output()).toContain('not running');
  });
});

describe('a later start', () => {
  test(
    'has everything still there, and loads nothing twice',
    async () => {
      system = start(env());
      await system.until(/Lyceum is ready after/);
      expect(system.output()).not.toContain('demo data');
      const { courses, enrolments } = await asLearner(
        '{ courses { nodes { id } } enrolments { nodes { progress { percent } } } }',
      );
      expect(courses.nodes).toHaveLength(3);
      expect(Math.max(...enrolments.nodes.map(({ progress }) => progress.percent))).toBeGreaterThan(0);
    },
    readyMs,
  );

  test('does not outlive a supervisor that is killed', async () => {
    const pids = runningPids();
    system.child.kill('SIGKILL');
    await Promise.all(pids.map(gone));
  }, 30_000);

  test(
    'is possible at once after that',
    async () => {
      system = start(env());
      await system.until(/Lyceum is ready after/);
      system.child.kill('SIGTERM');
      expect(await system.ended).toBe(0);
    },
    readyMs,
  );

  test('begins anew after a reset', async () => {
    const refused = command(['reset'], env());
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toContain('--yes');
    expect(await command(['reset', '--yes'], env()).ended).toBe(0);
    expect(existsSync(directory)).toBe(false);
  });
});

interface LearnersView {
  courses: { nodes: { id: string; status: string }[] };
  enrolments: { nodes: { status: string; progress: { percent: number } }[] };
}

async function asLearner(query: string): Promise<LearnersView> {
  const url = `${addressOf('gateway')}/graphql`;
  const logIn = `mutation { sessionCreate(input: { email: "learner@lyceum.example", password: "lyceum-demo" }) { tokens { accessToken } } }`;
  const { sessionCreate } = await post<{ sessionCreate: { tokens: { accessToken: string } } }>(url, logIn);
  return post<LearnersView>(url, query, sessionCreate.tokens.accessToken);
}

async function post<T>(url: string, query: string, token?: string): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

const ready = (name: string) => new RegExp(`^${name} .* ready`, 'm');

function runShell(line: string): StartedCommand {
  return runNode(
    [
      '-e',
      'process.exit(require("child_process").spawnSync("sh", ["-c", process.argv[1]], { stdio: "inherit" }).status)',
      line,
    ],
    {},
  );
}

function runningPids(): number[] {
  if (!existsSync(join(directory, 'run.json'))) return [];
  return state().processes.flatMap(({ pid }) => pid ?? []);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<void> {
  await eventually(async () => !isAlive(pid), 15_000);
}

async function eventually(holds: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`It did not come true within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function accepts({ hostname, port }: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
