import { loadavg } from 'node:os';
import { createSystem, eventually, subscribe, type LiveSubscription } from '@lyceum/testing';
import { Pool } from 'undici';
import { WebSocket } from 'ws';
import { endingAll } from './ending/ending.ts';
import { createStopwatch, paced } from './live/paced.ts';
import { foundSchool, type School } from './live/school.ts';
import { median, printReport, round } from './report/report.ts';
import { startChild, type Child } from './xapi/children.ts';

// `npm run bench -- live [seconds] [runs] [a second]`: from the POST of a statement to the event on a subscriber's screen,
// at 100 statements a second through the whole system, beside a bare Node server that echoes a POST to a WebSocket. Every
// statement is `completed` on an item that its learner has not completed before; the subscriber is an instructor, and
// asks for the learner's name (identity) and the course's title (catalog).

const [seconds = 5, runs = 3, perSecond = 100] = process.argv.slice(2).map(Number);
const count = perSecond * seconds;
const itemsOfCourse = 20;
const learnersOfRun = Math.ceil(count / itemsOfCourse);

interface ProgressEvent {
  progressUpdated: { completedItems: number; learner: { id: string } };
}

const system = createSystem();
const taken: Record<'lyceum' | 'bare', number[][]> = { lyceum: [], bare: [] };
const load = await endingAll(async (endLater) => {
  endLater(() => system.delete());
  await system.start();
  const school = await foundSchool(system, {
    items: itemsOfCourse,
    // The first run warms up, and is not counted.
    learners: learnersOfRun * (runs + 1),
  });
  const bare = await startChild({ file: 'bench/src/live/bare-echo.ts' });
  endLater(() => bare.stop());
  for (let run = 0; run <= runs; run += 1) {
    // In turns, so that a slower minute of the machine falls on both.
    const [lyceum, echo] = [await measureLyceum(school, run), await measureBare(bare)];
    if (run === 0) continue;
    taken.lyceum.push(lyceum);
    taken.bare.push(echo);
  }
  return loadavg()[0] ?? NaN;
});
report();

/** @returns sorted milliseconds */
async function measureLyceum(school: School, run: number): Promise<number[]> {
  const { publicUrl } = system.state();
  const watch = createStopwatch();
  const screen = subscribe<ProgressEvent>(
    system.url('gateway'),
    `subscription ($courseId: ID) { progressUpdated(courseId: $courseId) {
      percent status completedItems learner { id name } course { title } updatedAt
    } }`,
    { token: school.token, variables: { courseId: school.courseId } },
  );
  await untilSubscribed();
  void follow(screen, ({ progressUpdated: { learner, completedItems } }) => {
    // Events of one learner may be drawn together: the newest tells of all that came before.
    for (let done = completedItems; done > 0; done -= 1) watch.end(`${learner.id} ${done}`);
  });
  const send = poster(`${system.url('lrs-receive')}/xapi/statements`);
  await paced({ perSecond, count }, async (index) => {
    // All learners of the run in turn, each through the pages in their order.
    const learner = school.learnerIds[run * learnersOfRun + (index % learnersOfRun)] ?? '';
    const page = Math.floor(index / learnersOfRun);
    watch.begin(`${learner} ${page + 1}`);
    await send.post({
      actor: { account: { homePage: publicUrl, name: learner } },
      verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
      object: { id: `${publicUrl}/xapi/activities/${school.itemIds[page] ?? ''}` },
    });
  });
  await untilAllArrived(watch);
  await Promise.all([send.close(), screen.close()]);
  return watch.taken();
}

async function measureBare(bare: Child): Promise<number[]> {
  const watch = createStopwatch();
  const socket = new WebSocket(bare.url.replace('http', 'ws'));
  await new Promise((resolve) => socket.once('open', resolve));
  socket.on('message', (data: Buffer) => {
    watch.end((JSON.parse(data.toString()) as { id: string }).id);
  });
  const send = poster(bare.url);
  await paced({ perSecond, count }, async () => {
    const id = crypto.randomUUID();
    watch.begin(id);
    await send.post({ id, verb: { id: 'http://adlnet.gov/expapi/verbs/completed' } });
  });
  await untilAllArrived(watch);
  socket.close();
  await send.close();
  return watch.taken();
}

function poster(address: string) {
  const { origin, pathname } = new URL(address);
  const pool = new Pool(origin, { connections: 20 });
  const headers = {
    authorization: `Basic ${btoa('demo:lyceum-demo')}`,
    'content-type': 'application/json',
    'x-experience-api-version': '1.0.3',
  };
  return {
    async post(body: object): Promise<void> {
      const answer = await pool.request({
        method: 'POST',
        path: pathname,
        headers,
        body: JSON.stringify(body),
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${text}`);
    },
    close: () => pool.close(),
  };
}

async function follow(
  screen: LiveSubscription<ProgressEvent>,
  hear: (event: ProgressEvent) => void,
): Promise<void> {
  try {
    for (;;) hear((await screen.next()).data);
  } catch {
    // The screen was closed; an event that is missing is told by untilAllArrived.
  }
}

async function untilSubscribed(): Promise<void> {
  await eventually(async () => {
    const page = await (await fetch(`${system.url('learning')}/metrics`)).text();
    if (!/^lyceum_live_subscribers\{.*\} 1$/m.test(page)) throw new Error('Nobody subscribed to learning');
  });
}

async function untilAllArrived(watch: ReturnType<typeof createStopwatch>): Promise<void> {
  await eventually(
    () => {
      if (watch.under() > 0) throw new Error(`${watch.under()} events did not arrive`);
    },
    { timeoutMs: 30_000 },
  );
}

function report(): void {
  const at = (who: 'lyceum' | 'bare', share: number) =>
    round(median(taken[who].map((sorted) => sorted[Math.ceil(share * sorted.length) - 1] ?? NaN)));
  const row = (who: 'lyceum' | 'bare') => ({
    who,
    'p50 ms': at(who, 0.5),
    'p95 ms': at(who, 0.95),
    'p99 ms': at(who, 0.99),
  });
  const figures = Object.fromEntries(
    (['lyceum', 'bare'] as const).flatMap((who) =>
      [50, 95, 99].map((share) => [`${who}.p${share}`, at(who, share / 100)] as const),
    ),
  );
  const ratio = (share: number) => round(at('bare', share) / at('lyceum', share));
  console.log(
    `${perSecond} statements a second, median of ${runs} runs of ${seconds} s; load of the machine ${load.toFixed(1)}`,
  );
  printReport([row('lyceum'), row('bare')], {
    bench: 'live',
    figures: { ...figures, load: round(load) },
    ratios: { ofBare: ratio(0.5), 'ofBare.p99': ratio(0.99) },
  });
}
