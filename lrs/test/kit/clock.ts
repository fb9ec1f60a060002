import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, temporaryDirectory } from '@lyceum/testing';
import type { ServiceProcess } from './child.ts';

/** A clock that somebody sets while the processes that go by it run. */
export interface SettableClock {
  /** For the processes that are to go by it, from their start on. */
  readonly env: NodeJS.ProcessEnv;
  /** Puts it that far from the real one, and resolves when the process goes by it. */
  set(offsetMs: number, process?: ServiceProcess): Promise<void>;
}

export function createSettableClock(): SettableClock {
  const file = join(temporaryDirectory(), 'clock');
  writeFileSync(file, '0');
  const module = new URL('./stepping-clock.mjs', import.meta.url).href;
  return {
    env: { LYCEUM_TEST_CLOCK: file, NODE_OPTIONS: `--import ${module}` },
    async set(offsetMs, running) {
      writeFileSync(file, String(offsetMs));
      if (running === undefined) return;
      process.kill(running.pid, 'SIGUSR2');
      await eventually(() => {
        if (readFileSync(`${file}.read`, 'utf8') !== String(offsetMs)) throw new Error('not read yet');
      });
    },
  };
}
