import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new empty directory, deleted when the run of the tests ends (jest/start-run.mjs). */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'lyceum-test-'));
}
