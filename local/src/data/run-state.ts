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

export function writeRunState(file: string, state: RunState): void {
  writeJsonFile(file, state);
}

export function removeRunState(file: string): void {
  rmSync(file, { force: true });
}
