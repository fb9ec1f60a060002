import { readFileSync } from 'node:fs';

// Linux alone tells what a process that is not ours has (proc(5)); elsewhere it is NaN.

/**
 * The most memory of its own that a process has while `work` goes on, MB. What it maps of files, such as the event log,
 * is the system's to take back and not counted.
 */
export async function peakMemory(pid: number, work: () => Promise<unknown>): Promise<number> {
  let peak = ownMemory(pid);
  const sampling = setInterval(() => (peak = Math.max(peak, ownMemory(pid))), 20);
  try {
    await work();
    return peak;
  } finally {
    clearInterval(sampling);
  }
}

export const ownMemory = (pid: number): number => read(pid, 'RssAnon');

function read(pid: number, name: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN) / 1_024;
  } catch {
    return NaN;
  }
}

/** User and system, ms, in steps of 10: the clock ticks of /proc are hundredths of a second. */
export function cpuTime(pid: number): number {
  try {
    // The name of the program comes second, and may hold anything but ends with the last bracket.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return NaN;
  }
}
