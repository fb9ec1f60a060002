import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { createBackOff, StartError, type Logger } from '@lyceum/service';

/** One of the receivers of this machine: a process that is started again when it ends unasked. */
export interface ReceiverProcess {
  /** Resolves when it is ready for the first time. @throws StartError where it ends before; it is not tried again */
  start(): Promise<void>;
  /** Asks it to end, and resolves when it has. */
  stop(): Promise<void>;
}

export interface ReceiverProcessOptions {
  /** From 1 on. */
  readonly number: number;
  /** A main.ts, or its bundle. */
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  readonly onReady: (child: ChildProcess) => void;
  readonly onMessage: (child: ChildProcess, message: unknown) => void;
  /** After its last message. */
  readonly onEnded: (child: ChildProcess) => void;
}

interface Run {
  readonly child: ChildProcess;
  readonly ready: Promise<true>;
  readonly isReady: () => boolean;
  /** How it ended. */
  readonly ended: Promise<string>;
}

export function createReceiverProcess(o: ReceiverProcessOptions): ReceiverProcess {
  const { number, logger } = o;
  const backOff = createBackOff();
  const stopping = new AbortController();
  let running: Run | undefined;

  function run(): Run {
    const child = fork(o.file, [], { env: o.env });
    child.on('message', (message) => {
      o.onMessage(child, message);
    });
    const made = runOf(child);
    running = made;
    void made.ready.then(() => {
      o.onReady(child);
    });
    void made.ended.then(() => {
      running = undefined;
      o.onEnded(child);
    });
    return made;
  }

  async function keepAlive(first: Run): Promise<void> {
    for (let how = await first.ended; !stopping.signal.aborted;) {
      const { pauseMs, recentCrashes } = backOff.afterCrash(Date.now());
      logger.error(
        { receiver: number, how, pauseMs, recentCrashes },
        'a receiver ended; it is started again',
      );
      const isOver = await delay(pauseMs, true, { signal: stopping.signal }).catch(() => false);
      if (!isOver) return;
      const { ready, ended } = run();
      void ready.then(() => {
        logger.info({ receiver: number }, 'the receiver is back');
      });
      how = await ended;
    }
  }

  return {
    async start() {
      const first = run();
      const outcome = await Promise.race([first.ready, first.ended]);
      if (outcome !== true) throw new StartError(`Receiver ${String(number)} did not start: ${outcome}.`);
      void keepAlive(first);
    },
    async stop() {
      stopping.abort();
      if (running === undefined) return;
      const { child, ended, isReady } = running;
      // One that is not ready may not hear it yet, and has promised nothing to anybody.
      if (isReady() && child.connected) child.send('stop', () => undefined);
      else child.kill('SIGKILL');
      await ended;
    },
  };
}

function runOf(child: ChildProcess): Run {
  let isReady = false;
  const ready = new Promise<true>((resolve) => {
    child.on('message', (message: { type?: string }) => {
      if (message.type !== 'ready') return;
      isReady = true;
      resolve(true);
    });
  });
  // What it said last may be heard after its end is known: the channel's own end is behind that.
  const heard = new Promise((resolve) => child.once('disconnect', resolve));
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      const how = signal ? `ended by ${signal}` : `exit code ${String(code)}`;
      void (child.connected ? heard : Promise.resolve()).then(() => {
        resolve(how);
      });
    });
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(error.message);
    });
  });
  return { child, ready, isReady: () => isReady, ended };
}
