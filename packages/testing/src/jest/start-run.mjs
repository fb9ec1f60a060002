import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * jest's globalSetup: one directory for everything temporary of a run, of its children too, so that nothing stays
 * behind, whichever test failed midway or whichever child was killed.
 */
export default function startRun() {
  if (process.env.LYCEUM_TEST_DIRECTORY !== undefined) return;
  const directory = mkdtempSync(join(tmpdir(), 'lyceum-tests-'));
  // Started as root, PostgreSQL runs as another user, who must be able to enter.
  chmodSync(directory, 0o755);
  process.env.LYCEUM_TEST_DIRECTORY = directory;
  process.env.TMPDIR = directory;
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  });
}
