import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createBuildProgress } from './build-progress.mjs';
import { fingerprint, isBuilt } from './fingerprint.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stamp = join(root, 'node_modules', '.cache', 'lyceum', 'build');

/** No tool that we start reports home. */
const quiet = {
  TURBO_TELEMETRY_DISABLED: '1',
  APOLLO_TELEMETRY_DISABLED: '1',
  CHECKPOINT_DISABLE: '1',
  DO_NOT_TRACK: '1',
};

/**
 * Builds every workspace of which a file changed, and shows the progress. An unchanged tree is recognised in
 * milliseconds, without turbo.
 *
 * @returns {Promise<boolean>} false where the build failed; its output has been shown
 */
export async function buildWhatChanged() {
  const before = fingerprint(root);
  if (isBuilt(root) && readStamp() === stampOf(before)) return true;
  const progress = createBuildProgress(process.stdout);
  const succeeded = await runTurbo(progress);
  progress.end(succeeded);
  // What is saved while it builds may come too late: only the sources of before have certainly been read.
  if (succeeded) writeStamp(stampOf({ ...fingerprint(root), sources: before.sources }));
  return succeeded;
}

/** Builds only where a bundle is missing: for commands that look at a system that may be running. */
export async function buildWhatIsMissing() {
  return isBuilt(root) || buildWhatChanged();
}

function runTurbo(progress) {
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  const options = ['--json', '--no-update-notifier', '--continue=never'];
  const child = spawn(process.execPath, [turbo, 'run', 'build', ...options], {
    cwd: root,
    env: { ...process.env, ...quiet },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  createInterface(child.stdout).on('line', (line) => progress.event(line));
  createInterface(child.stderr).on('line', (line) => progress.remark(line));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0));
  });
}

function stampOf({ sources, outputs }) {
  return `${sources} ${outputs}`;
}

function readStamp() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}

function writeStamp(value) {
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, value);
}
