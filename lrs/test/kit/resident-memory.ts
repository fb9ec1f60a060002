import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * The memory of its own that a process has, in bytes (proc(5), RssAnon): what it maps of files, such as the event log, is the
 * system's to take back. Where there is no /proc, all that it has (ps(1)).
 */
export function residentMemory(pid: number): number {
  if (process.platform !== 'linux')
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1024;
}
