// Outlives one run of the tests by a moment: when that ends, however it ends, nothing of it stays behind.
// Its standard input is a pipe that the run holds open: even kill -9 closes it.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [, , directory] = process.argv;
/** Every process of the run has this in its environment, from whomever it comes. */
const mark = `LYCEUM_TEST_DIRECTORY=${directory}`;
const GRACE_MS = 2_000;
const PAUSE_MS = 50;

process.stdin.resume();
process.stdin.once('close', () => void endRun());

async function endRun() {
  // PostgreSQL leaves shared memory behind unless it is asked first.
  if (!(await untilGone('SIGTERM'))) await untilGone('SIGKILL');
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  process.exit(0);
}

/** Asks again and again, since a process may start others while it ends. */
async function untilGone(signal) {
  const asked = new Set();
  for (const deadline = Date.now() + GRACE_MS; Date.now() < deadline; await sleep(PAUSE_MS)) {
    const left = processesOfRun();
    if (left.length === 0) return true;
    for (const pid of left.filter((pid) => !asked.has(pid))) {
      asked.add(pid);
      kill(pid, signal);
    }
  }
  return false;
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

function processesOfRun() {
  const found = process.platform === 'linux' ? fromProc() : fromPs();
  return found.filter((pid) => pid !== process.pid);
}

// proc(5): NAME=value, each followed by a null byte; nothing for a zombie, and nothing to read for a stranger.
function fromProc() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => environmentOf(pid).includes(mark));
}

function environmentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

// ps(1) of BSD: `e` shows the environment behind the command.
function fromPs() {
  const lines = execFileSync('ps', ['axeww', '-o', 'pid=,command='], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return lines
    .split('\n')
    .filter((line) => line.split(' ').includes(mark))
    .map((line) => Number.parseInt(line, 10));
}
