import { readdirSync, readFileSync } from 'node:fs';

/**
 * A process and those that it has started itself (proc(5): the parent is the fourth field of stat): of PostgreSQL what
 * sees to it and the postmaster. The postmaster's own are not among them: where one of them is killed while it recovers from
 * the end of another, PostgreSQL 18 was seen to stay in recovery for good.
 */
export function withChildren(root: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === root)
    .map(Number);
  return [root, ...children];
}

function parentOf(pid: string): number {
  try {
    // The name of the program comes second, and may hold anything but ends with the last bracket.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[1]);
  } catch {
    return NaN;
  }
}

/** SIGKILL. False where it had ended by then. */
export function killProcess(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
