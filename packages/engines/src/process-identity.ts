import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What tells one process from a later one that was given the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own notation: equal strings mean the same process. */
  startedAt: string;
  command: string;
}

/** The process with this pid, or undefined when there is none (or only its zombie). */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  if (!isRunning(pid)) return undefined;
  return process.platform === 'linux' ? identifyFromProc(pid) : identifyFromPs(pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function identifyFromProc(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const [stat, commandLine, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    ]);
    // proc(5): the name (field 2) may hold spaces, so count from behind its parenthesis: state is field 3, starttime 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    const command = commandLine.split('\0').filter(Boolean).join(' ');
    return { pid, startedAt: `${boot.trim()}:${fields[19] ?? ''}`, command };
  } catch {
    return undefined;
  }
}

async function identifyFromPs(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=,stat=,command=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C' },
    });
    const match = /^(\w+ +\w+ +\d+ +[\d:]+ +\d+) +(\S+) +(.*)$/.exec(stdout.trim());
    if (match === null || match[2]?.startsWith('Z')) return undefined;
    return { pid, startedAt: match[1] ?? '', command: match[3] ?? '' };
  } catch {
    return undefined;
  }
}
