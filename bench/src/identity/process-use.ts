import { readFileSync, writeFileSync } from 'node:fs';

// Linux alone tells what a process that is not ours has (proc(5)); elsewhere it is NaN.

/** Resident set size, MB. */
export const residentMemory = (pid: number): number => read(pid, 'VmRSS');

/** The most since it was forgotten last, MB. */
export const peakMemory = (pid: number): number => read(pid, 'VmHWM');

export function forgetPeakMemory(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Then the peak is that since the start.
  }
}

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
