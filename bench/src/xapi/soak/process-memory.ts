import { readdirSync, readFileSync } from 'node:fs';
import { ownMemory } from '../../identity/process-use.ts';

/** What a process has of its own, MB, at a time since the beginning, ms. */
export interface MemorySample {
  readonly at: number;
  readonly megabytes: number;
}

/** Memory of the processes that this one has started, by what they are; several of a kind together. */
export interface MemoryWatch {
  readonly samples: ReadonlyMap<string, readonly MemorySample[]>;
  stop(): void;
}

/** By a part of the command line. The rest is the benchmark's own. */
const kinds: readonly (readonly [part: string, kind: string])[] = [
  ['lrs/dist/ingest', 'lrs-ingest'],
  ['lrs/dist/receive', 'lrs-receive'],
  ['clickhouse', 'clickhouse'],
  ['postgres', 'postgres'],
];

export function watchMemory(everyMs: number): MemoryWatch {
  const began = performance.now();
  const samples = new Map<string, MemorySample[]>();

  function sample(): void {
    const sums = new Map<string, number>();
    for (const pid of descendants(process.pid)) {
      const kind = kindOf(pid);
      if (kind !== undefined) sums.set(kind, (sums.get(kind) ?? 0) + (ownMemory(pid) || 0));
    }
    for (const [kind, megabytes] of sums) {
      const known = samples.get(kind) ?? [];
      samples.set(kind, known);
      known.push({ at: performance.now() - began, megabytes });
    }
  }

  const timer = setInterval(sample, everyMs);
  return {
    samples,
    stop: () => {
      clearInterval(timer);
    },
  };
}

/**
 * Megabytes an hour, by least squares, of what comes after a share of the time: a process that has just started fills its
 * caches.
 */
export function slopeOf(samples: readonly MemorySample[], afterShare: number): number {
  const end = samples.at(-1)?.at ?? 0;
  const late = samples.filter(({ at }) => at >= end * afterShare);
  const mean = (of: (sample: MemorySample) => number) =>
    late.reduce((sum, each) => sum + of(each), 0) / late.length;
  const [meanAt, meanMegabytes] = [mean(({ at }) => at), mean(({ megabytes }) => megabytes)];
  const rise = late.reduce((sum, each) => sum + (each.at - meanAt) * (each.megabytes - meanMegabytes), 0);
  const run = late.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  return (rise / run) * 3_600_000;
}

function kindOf(pid: number): string | undefined {
  const command = readProc(`${String(pid)}/cmdline`).replaceAll('\0', ' ');
  return kinds.find(([part]) => command.includes(part))?.[1];
}

/** proc(5): the parent is the second field behind the name of the program. */
function descendants(root: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(
      (name) =>
        [
          Number(name),
          Number(
            readProc(`${name}/stat`)
              .replace(/^.*\) /s, '')
              .split(' ')[1],
          ),
        ] as const,
    );
  const tree = [root];
  for (const each of tree) for (const [pid, parent] of parents) if (parent === each) tree.push(pid);
  return tree.slice(1);
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return '';
  }
}
