import { redactUrl } from '@lyceum/service';
import { banner } from './banner.ts';
import { dataPaths, type DataPaths } from './data/paths.ts';
import { createRunStateWriter, removeRunState } from './data/run-state.ts';
import { readDemoMark, writeDemoMark, type DemoMark } from './demo/demo-mark.ts';
import { loadDemo } from './demo/load-demo.ts';
import type { LocalEnvironment } from './env.ts';
import { prepare } from './prepare.ts';
import { describeSystem } from './describe-system.ts';
import { untilSignal } from './signals.ts';
import { reportTo } from './supervise/report.ts';
import { urlOf } from './supervise/service-environment.ts';
import { createSystem, processesFor, type System } from './system.ts';
import type { Terminal } from './terminal/terminal.ts';

/**
 * Runs the whole system until it is asked to stop.
 *
 * @returns the exit code
 * @throws EngineError, StartFault, StartError where it can't be started; everything is stopped again by then
 */
export async function runSystem(options: {
  env: LocalEnvironment;
  source: NodeJS.ProcessEnv;
  terminal: Terminal;
  /** Milliseconds since the epoch. */
  startedAt: number;
}): Promise<number> {
  const { env, source, terminal } = options;
  const paths = dataPaths(env.LYCEUM_DATA_DIR);
  const { lock, ports } = await prepare(env, paths, processesFor(env), source);
  const since = new Date().toISOString();
  const noteState = createRunStateWriter(paths.state, (reason) => {
    terminal.warn(`What runs can't be noted: ${reason}.`);
  });
  const events = reportTo(terminal, paths.logs, () => {
    noteState(describeSystem(env, system, since));
  });
  const system = createSystem({
    env,
    source,
    paths,
    ports,
    events,
    onLogFault: (name, reason) => {
      terminal.warn(`The log of ${name} can't be written: ${reason}.`);
    },
  });
  const signal = untilSignal(() => {
    terminal.warn('Killed.');
    system.kill();
  });
  const stopping = new AbortController();
  void signal.then(() => {
    stopping.abort();
  });
  try {
    terminal.say('Starting Lyceum.');
    const started = start(options, system, paths, stopping.signal);
    const asked = await Promise.race([started, signal]);
    if (typeof asked !== 'string') await signal;
    return await stop(system, terminal);
  } catch (error) {
    await system.stop();
    throw error;
  } finally {
    removeRunState(paths.state);
    await lock.release();
  }
}

async function start(
  { env, terminal, startedAt }: Parameters<typeof runSystem>[0],
  system: System,
  paths: DataPaths,
  stop: AbortSignal,
): Promise<void> {
  await system.start((name, milliseconds) => {
    terminal.step(name, milliseconds);
  });
  stop.throwIfAborted();
  const demo = env.LYCEUM_DEMO ? await ensureDemo(system, paths, terminal, stop) : undefined;
  terminal.say(banner({ ...addressesFor(system), demo, seconds: (Date.now() - startedAt) / 1000 }, terminal));
}

/** Loaded on the first start only; after a crash in the middle, what is missing. */
async function ensureDemo(
  system: System,
  paths: DataPaths,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<DemoMark> {
  const known = readDemoMark(paths.demo);
  if (known) return known;
  const began = Date.now();
  // Ended with the system: the gateway would wait for what is still asked of it.
  const mark = await loadDemo(`${urlOf(system.addresses(), 'gateway')}/graphql`, stop);
  writeDemoMark(paths.demo, mark);
  terminal.step('demo data', Date.now() - began);
  return mark;
}

function addressesFor(system: System) {
  const addresses = system.addresses();
  return {
    publicUrl: addresses.publicUrl,
    lrsUrl: urlOf(addresses, 'lrs-receive'),
    clickhouseUrl: addresses.clickhouseUrl,
    databaseUrl: redactUrl(addresses.databaseUrl),
    subgraphs: (['identity', 'catalog', 'learning', 'assessment', 'records'] as const).map((name) => ({
      name,
      url: urlOf(addresses, name),
    })),
  };
}

async function stop(system: System, terminal: Terminal): Promise<number> {
  terminal.say('Stopping.');
  const began = Date.now();
  const overdue = await system.stop();
  if (overdue.length > 0) terminal.warn(`Ended because they did not stop in time: ${overdue.join(', ')}.`);
  terminal.step('stopped', Date.now() - began);
  return overdue.length > 0 ? 1 : 0;
}
