import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** No such file; or a part of its path is no directory, so that there is none either. */
const absent = ['ENOENT', 'ENOTDIR'];

/** The value in a JSON file, or undefined where there is no such file. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    if (absent.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Replaces the file in one step: a reader sees the old value or the new one, never a half. */
export function writeJsonFile(path: string, value: unknown): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(value, undefined, 2)}\n`, { flush: true });
  renameSync(draft, path);
}
