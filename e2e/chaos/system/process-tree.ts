import { readdirSync, readFileSync } from 'node:fs';

/** A process and all that it has started, itself first (proc(5): the parent is the fourth field of stat). */
export function processTree(root: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(name)] as const),
  );
  const tree = [root];
  // What is pushed while it is walked is walked as well.
  for (const each of tree) for (const [pid, parent] of parents) if (parent === each) tree.push(pid);
  return tree;
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
