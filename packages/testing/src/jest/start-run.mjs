import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * jest's globalSetup: one directory for everything temporary of a run, of its children too, so that nothing stays
 * behind, whichever test failed midway or whichever child was killed. What still runs when the run ends, ends with it.
 */
export default function startRun() {
  if (process.env.LYCEUM_TEST_DIRECTORY !== undefined) return;
  const directory = mkdtempSync(join(tmpdir(), 'lyceum-tests-'));
  // Started as root, PostgreSQL runs as another user, who must be able to enter.
  chmodSync(directory, 0o755);
  process.env.LYCEUM_TEST_DIRECTORY = directory;
  process.env.TMPDIR = directory;
  startKeeper(directory);
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  });
}

// A session of its own: Ctrl-C ends the run, not what cleans up behind it. An 'exit' handler of a test would not do:
// the `process` that tests see is a copy, which never emits it.
function startKeeper(directory) {
  const keeper = spawn(
    process.execPath,
    [fileURLToPath(new URL('keep-run.mjs', import.meta.url)), directory],
    { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' },
  );
  keeper.unref();
  keeper.stdin.unref();
}
