import type { Logger } from './logger.ts';

/** Work that a service does of itself, over and over. */
export interface RepeatedWork {
  readonly name: string;
  /** From the end of one turn to the beginning of the next. */
  readonly everyMs: number;
  run(): Promise<void>;
}

/** Begins with the first pause. A turn that fails is logged, and the next comes as if it had not. */
export function startRepeating(work: readonly RepeatedWork[], logger: Logger): { stop(): Promise<void> } {
  const loops = work.map((one) => startLoop(one, logger));
  return {
    /** Waits for what is under way. */
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

function startLoop(work: RepeatedWork, logger: Logger) {
  const { name, everyMs } = work;
  let stopped = false;
  let underWay: Promise<void> = Promise.resolve();
  let timer = wait();

  function wait(): NodeJS.Timeout {
    return setTimeout(() => {
      underWay = turn();
    }, everyMs).unref();
  }

  async function turn(): Promise<void> {
    try {
      await work.run();
    } catch (error) {
      logger.warn({ err: error }, `the ${name} failed, and is tried again`);
    }
    if (!stopped) timer = wait();
  }

  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}
