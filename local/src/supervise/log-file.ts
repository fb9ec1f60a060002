import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs';

/** The log of one process: appended to, and bounded by keeping one predecessor (`<file>.1`). */
export interface LogFile {
  write(line: string): void;
  close(): Promise<void>;
}

/**
 * @param limit bytes after which the file becomes `<file>.1` and a new one is begun
 * @param onFault told once where the log can't be written (disk full): the system goes on without it
 */
export function openLogFile(path: string, onFault: (reason: string) => void, limit = 10_000_000): LogFile {
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  let faulty = false;
  const open = (): WriteStream =>
    createWriteStream(path, { flags: 'a' }).on('error', (error) => {
      if (!faulty) onFault(error.message);
      faulty = true;
    });
  let stream = open();

  function rotate(): void {
    stream.end();
    renameSync(path, `${path}.1`);
    stream = open();
    size = 0;
  }

  return {
    write(line) {
      if (faulty) return;
      if (size > limit) rotate();
      size += Buffer.byteLength(line) + 1;
      stream.write(`${line}\n`);
    },
    close: () =>
      new Promise((resolve) => {
        if (faulty) resolve();
        else stream.end(resolve);
      }),
  };
}
