import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@lyceum/testing';

/** A disk that somebody fills and empties. */
export interface SmallDisk {
  readonly directory: string;
  /** Leaves only so many bytes of it. */
  readonly fill: (leaveBytes: number) => void;
  readonly empty: () => void;
  readonly unmount: () => void;
}

/** A file system of its own in memory; null, and says why, where this user may mount none. */
export function mountSmallDisk(bytes: number): SmallDisk | null {
  const directory = temporaryDirectory();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(bytes)}`, 'tmpfs', directory], {
      stdio: 'ignore',
    });
  } catch {
    console.warn('Skipped: no file system can be mounted here');
    return null;
  }
  const filler = join(directory, 'filler');
  return {
    directory,
    fill(leaveBytes) {
      const { bavail, bsize } = statfsSync(directory);
      const file = openSync(filler, 'a');
      writeSync(file, Buffer.alloc(Math.max(bavail * bsize - leaveBytes, 0)));
      closeSync(file);
    },
    empty: () => {
      rmSync(filler, { force: true });
    },
    unmount: () => {
      execFileSync('umount', ['-l', directory]);
    },
  };
}
