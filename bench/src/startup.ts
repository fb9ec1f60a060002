import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { createSystem, type System } from '@lyceum/testing';
import { memoryOfTree } from '../../local/src/status/memory.ts';
import { endingAll } from './ending/ending.ts';
import { median, printReport, round } from './report/report.ts';
import { makeFreshClone } from './startup/fresh-clone.ts';

// `npm run bench -- startup [runs]`: from `npm start` to the banner, in a fresh clone with its dependencies installed
// (the build, migrations and demo data included) and a second time; and the memory of all processes, idle. Beside each
// stands what was promised for it on two cores.

const [runs = 3] = process.argv.slice(2).map(Number);
const idleSeconds = 10;

interface Measure {
  /** Seconds. */
  readonly firstStart: number;
  readonly build: number;
  readonly laterStart: number;
  readonly stop: number;
  /** Proportional set size, MB. */
  readonly memory: number;
  /** Runnable processes over a minute, when it ended: what else the machine did counts. */
  readonly load: number;
}

const limits = { firstStart: 30, laterStart: 15, stop: 10, memory: 1_200 };

const taken: Measure[] = [];
for (let run = 0; run < runs; run += 1) taken.push(await measure());
report();

async function measure(): Promise<Measure> {
  const clone = makeFreshClone();
  const system = createSystem({ root: clone.root });
  return endingAll(async (endLater) => {
    endLater(() => {
      clone.delete();
    });
    endLater(() => system.delete());
    const firstStart = await timed(() => system.start());
    const build = Number(/^Built .* in ([\d.]+) s/m.exec(system.supervisor().output())?.[1] ?? NaN);
    await stopped(system);
    const laterStart = await timed(() => system.start());
    await delay(idleSeconds * 1_000);
    const memory = idleMemory(system);
    const stop = await timed(() => stopped(system));
    return { firstStart, build, laterStart, stop, memory, load: loadavg()[0] ?? NaN };
  });
}

async function stopped(system: System): Promise<void> {
  const exitCode = await system.stop();
  if (exitCode !== 0) throw new Error(`Stopping ended with ${exitCode}:\n${system.supervisor().output()}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}

/** Of the supervisor and all below it; NaN where it can't be read (Linux alone tells it). */
function idleMemory(system: System): number {
  return (memoryOfTree(system.supervisor().pid)?.pss ?? NaN) / 1e6;
}

function report(): void {
  const of = (name: keyof Measure) => round(median(taken.map((measured) => measured[name])));
  const figures = {
    'firstStart.s': of('firstStart'),
    'build.s': of('build'),
    'laterStart.s': of('laterStart'),
    'stop.s': of('stop'),
    'idleMemory.MB': of('memory'),
    load: of('load'),
  };
  const ratios = {
    'firstStart.ofLimit': round(of('firstStart') / limits.firstStart),
    'laterStart.ofLimit': round(of('laterStart') / limits.laterStart),
    'stop.ofLimit': round(of('stop') / limits.stop),
    'idleMemory.ofLimit': round(of('memory') / limits.memory),
  };
  console.log(`Median of ${runs} runs; load of the machine ${figures.load}`);
  printReport(
    [
      { what: 'first start, s', median: of('firstStart'), limit: limits.firstStart },
      { what: 'of which the build, s', median: of('build') },
      { what: 'later start, s', median: of('laterStart'), limit: limits.laterStart },
      { what: 'stop, s', median: of('stop'), limit: limits.stop },
      { what: 'idle memory (PSS), MB', median: of('memory'), limit: limits.memory },
    ],
    { bench: 'startup', figures, ratios },
  );
}
