import { rmSync } from 'node:fs';
import type { ProcessState } from '../supervise/managed-process.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

/** What runs on this machine, as the supervisor notes it for `npm run status` and for its own next start. */
export interface RunState {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  /** By engine: `embedded`, or its address without a password. */
  readonly engines: Readonly<Record<'PostgreSQL' | 'ClickHouse' | 'event log', string>>;
  readonly publicUrl: string;
  /** By variable. */
  readonly ports: Readonly<Record<string, number>>;
  /** Which service runs in which process, and where it answers. */
  readonly services: readonly { name: string; process: string; url: string }[];
  readonly processes: readonly ProcessState[];
}

export function readRunState(file: string): RunState | undefined {
  return readJsonFile(file) as RunState | undefined;
}

/**
 * Notes each new state. Where that fails (disk full) the system goes on, with an older state in the file.
 *
 * @param onFault told once, until it can be written again
 */
export function createRunStateWriter(
  file: string,
  onFault: (reason: string) => void,
): (state: RunState) => void {
  let told = false;
  return (state) => {
    try {
      writeJsonFile(file, state);
      told = false;
    } catch (error) {
      if (!told) onFault(error instanceof Error ? error.message : String(error));
      told = true;
    }
  };
}

export function removeRunState(file: string): void {
  rmSync(file, { force: true });
}
