import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess } from '@lyceum/engines';
import { createBackOff } from '@lyceum/service';
import { describeEnding, endGroup, endingOf, endWithin, hasEnded, type Ending } from './ending.ts';
import type { LogFile } from './log-file.ts';
import { runtimeOf, type Runtime } from './runtime.ts';

/** What it takes to start a process. */
export interface ProcessPlan extends Runtime {
  readonly name: string;
  /** The absolute path of a bundle that says `{type: 'ready'}` over IPC and stops when it hears 'stop'. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** A service that is not ready has promised nothing to anybody, and is ended at once; an engine may hold a process. */
  readonly endedWhileStarting: boolean;
}

/** What happens to a process after it was ready once. */
export interface ProcessEvents {
  line(name: string, line: string): void;
  changed(): void;
  crashed(name: string, how: string, pauseMs: number, recentCrashes: number): void;
  recovered(name: string, milliseconds: number): void;
}

export interface ProcessState {
  readonly name: string;
  readonly pid: number | undefined;
  /** In the system's own notation; with the pid it tells this process from any other, once that was asked. */
  readonly startedAt: string | undefined;
  readonly status: 'starting' | 'ready' | 'waiting' | 'stopped';
  /** ISO 8601, of the present run. */
  readonly since: string | undefined;
  readonly restarts: number;
}

export interface ManagedProcess {
  readonly name: string;
  /** Resolves when the process is ready for the first time. @throws StartError */
  start(): Promise<void>;
  /** Asks it to stop, and ends it after `graceMs`. True where it ended by itself. */
  stop(graceMs: number): Promise<boolean>;
  kill(): void;
  state(): ProcessState;
}

/** A process did not come up; the message holds its last words. */
export class StartError extends Error {
  override name = 'StartError';
}

const triesBeforeReady = 3;
const keptLines = 25;

/**
 * A child process that is kept alive: started again with a growing pause when it ends unasked. It is a group of its
 * own, so that a Ctrl-C on the terminal reaches only the supervisor, which stops all in order; it ends by itself when
 * the IPC channel closes, so that it never outlives the supervisor.
 */
export function createManagedProcess(plan: ProcessPlan, log: LogFile, events: ProcessEvents): ManagedProcess {
  const backOff = createBackOff();
  const lastLines: string[] = [];
  let child: ChildProcess | undefined;
  let status: ProcessState['status'] = 'stopped';
  let since: string | undefined;
  let startedAt: string | undefined;
  let restarts = 0;
  const stopping = new AbortController();
  const hasStopped = () => stopping.signal.aborted;

  function become(next: ProcessState['status']): void {
    status = next;
    since = new Date().toISOString();
    events.changed();
  }

  function hear(line: string): void {
    log.write(line);
    lastLines.push(line);
    if (lastLines.length > keptLines) lastLines.shift();
    events.line(plan.name, line);
  }

  /** Runs it once: `ready` when it says so, `ended` with how it ended. */
  function spawn(): { ready: Promise<void>; ended: Promise<Ending> } {
    const running = fork(plan.entry, plan.args, {
      ...runtimeOf(plan),
      env: plan.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = running;
    lastLines.length = 0;
    startedAt = undefined;
    become('starting');
    void identify(running);
    for (const stream of [running.stdout, running.stderr]) {
      if (stream) createInterface(stream).on('line', hear);
    }
    const ready = new Promise<void>((resolve) => {
      running.on('message', (message: { type?: string }) => {
        if (message.type === 'ready') resolve();
      });
    });
    return { ready, ended: endingOf(running) };
  }

  async function identify(running: ChildProcess): Promise<void> {
    const identity = running.pid === undefined ? undefined : await identifyProcess(running.pid);
    if (!identity || hasEnded(running)) return;
    ({ startedAt } = identity);
    events.changed();
  }

  /** Watches a run to its end, and starts the next one. */
  async function keepAlive(ended: Promise<Ending>): Promise<void> {
    for (let ending = await ended; !hasStopped();) {
      const { pauseMs, recentCrashes } = backOff.afterCrash(Date.now());
      become('waiting');
      events.crashed(plan.name, describeEnding(ending), pauseMs, recentCrashes);
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (hasStopped()) return;
      const began = Date.now();
      restarts += 1;
      const run = spawn();
      void run.ready.then(() => {
        become('ready');
        events.recovered(plan.name, Date.now() - began);
      });
      ending = await run.ended;
    }
  }

  function ask(running: ChildProcess): void {
    if (running.connected) running.send('stop', () => undefined);
    // Until its modules are loaded nobody listens there, and a signal has its plain meaning.
    if (status === 'starting') running.kill('SIGTERM');
  }

  return {
    name: plan.name,
    async start() {
      for (let tries = 1; ; tries += 1) {
        const { ready, ended } = spawn();
        const outcome = await Promise.race([ready, ended]);
        if (outcome === undefined) {
          become('ready');
          void keepAlive(ended);
          return;
        }
        become('stopped');
        // What it says itself it would say again; what somebody killed deserves another try.
        if (hasStopped() || outcome.signal === null || tries === triesBeforeReady) {
          throw new StartError(
            `${plan.name} did not start: ${describeEnding(outcome)}.\n${lastLines.join('\n')}`,
          );
        }
      }
    },
    async stop(graceMs) {
      stopping.abort();
      const asked = child;
      if (!asked || hasEnded(asked)) return true;
      const atOnce = status === 'starting' && plan.endedWhileStarting;
      if (!atOnce) ask(asked);
      const inTime = await endWithin(asked, atOnce ? 0 : graceMs);
      become('stopped');
      return inTime || atOnce;
    },
    kill() {
      stopping.abort();
      if (child) endGroup(child);
    },
    state: () => ({ name: plan.name, pid: child?.pid, startedAt, status, since, restarts }),
  };
}
