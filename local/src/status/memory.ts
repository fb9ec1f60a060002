import { readdirSync, readFileSync } from 'node:fs';

/** Resident memory in bytes. */
export interface Memory {
  /** Pages shared by several processes count in each of them. */
  readonly rss: number;
  /** Proportional set size: a page that n processes share counts as 1/n in each, so that sums are true. */
  readonly pss: number;
}

/**
 * The memory of a process and of all that it started, such as PostgreSQL's own processes. Linux only; elsewhere, and
 * for a process that is gone, undefined.
 */
export function memoryOfTree(pid: number): Memory | undefined {
  if (process.platform !== 'linux') return undefined;
  const parents = readParents();
  const found = treeOf(pid, parents).flatMap((member) => memoryOf(member) ?? []);
  if (found.length === 0) return undefined;
  return {
    rss: found.reduce((sum, { rss }) => sum + rss, 0),
    pss: found.reduce((sum, { pss }) => sum + pss, 0),
  };
}

function treeOf(pid: number, parents: ReadonlyMap<number, number>): number[] {
  const children = [...parents].filter(([, parent]) => parent === pid).map(([child]) => child);
  return [pid, ...children.flatMap((child) => treeOf(child, parents))];
}

/** proc(5), /proc/pid/stat: behind the parenthesis of the name come the state and the parent. */
function readParents(): Map<number, number> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Map(
    pids.flatMap((pid) => {
      const stat = readOrUndefined(`/proc/${pid}/stat`);
      const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
      return parent === undefined ? [] : [[Number(pid), Number(parent)] as const];
    }),
  );
}

/** proc(5), /proc/pid/smaps_rollup: sums over all mappings, in kB. */
function memoryOf(pid: number): Memory | undefined {
  const rollup = readOrUndefined(`/proc/${pid}/smaps_rollup`);
  if (rollup === undefined) return undefined;
  const kilobytes = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? 0);
  return { rss: kilobytes('Rss') * 1024, pss: kilobytes('Pss') * 1024 };
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process has ended, or belongs to somebody else.
    return undefined;
  }
}
