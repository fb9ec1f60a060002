import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** The log of one process: appended to, and bounded by keeping one predecessor (`<file>.1`). */
export interface LogFile {
  write(line: string): void;
  close(): void;
}

/**
 * Written line by line as they come, so that the last words of a system that is killed are there.
 *
 * @param limit bytes after which the file becomes `<file>.1` and a new one is begun
 * @param onFault told once where the log can't be written (disk full): the system goes on without it
 */
export function openLogFile(path: string, onFault: (reason: string) => void, limit = 10_000_000): LogFile {
  let file: { descriptor: number; size: number } | undefined;

  function open(): void {
    const descriptor = openSync(path, 'a');
    file = { descriptor, size: fstatSync(descriptor).size };
  }

  function rotate(): void {
    close();
    renameSync(path, `${path}.1`);
    open();
  }

  function close(): void {
    if (file) closeSync(file.descriptor);
    file = undefined;
  }

  function orFault(work: () => void): void {
    try {
      work();
    } catch (error) {
      file = undefined;
      onFault(error instanceof Error ? error.message : String(error));
    }
  }

  orFault(open);
  return {
    write: (line) => {
      if (!file) return;
      orFault(() => {
        if (file && file.size > limit) rotate();
        if (file) file.size += writeSync(file.descriptor, `${line}\n`);
      });
    },
    close,
  };
}
