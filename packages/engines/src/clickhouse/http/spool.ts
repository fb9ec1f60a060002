import { execFile } from 'node:child_process';
import { constants, closeSync, createWriteStream, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { systemErrorCode } from '../../errors.ts';
import { ClickHouseException } from '../exception.ts';

const run = promisify(execFile);

/**
 * Where requests and the engine hand data to each other: rows of inserts as files, results through named pipes.
 * Nothing in it outlives the process.
 */
export interface Spool {
  /** A path of its own for `name`; nothing is created. */
  pathFor(name: string): string;
  /** Writes `body` to a file; on any failure the file is gone. */
  store(name: string, body: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<SpooledFile>;
  /** The pipe of one reader's place. Use it for one query at a time. */
  openPipe(place: number): ResultPipe;
  close(): Promise<void>;
}

/** A file that is removed when it is no longer needed. */
export interface SpooledFile {
  path: string;
  remove(): Promise<void>;
}

/** A named pipe into which the engine writes a result while it is read from here: never all in memory. */
export interface ResultPipe {
  path: string;
  /** Ends when the engine and {@link ResultPipe.finish} have both let go of the pipe. */
  output: net.Socket;
  /** To be called when the engine's call has ended. */
  finish(): void;
}

/** Empties and prepares the spool of `directory`, with `pipes` named pipes. */
export async function openSpool(directory: string, pipes: number): Promise<Spool> {
  const folder = await chooseFolder(directory);
  const names = Array.from({ length: pipes }, (_, index) => path.join(folder, `result-${index}`));
  await run('mkfifo', ['-m', '600', ...names]);
  const pathFor = (name: string): string => path.join(folder, name);
  return {
    pathFor,
    store: (name, body) => store(pathFor(name), body),
    openPipe: (place) => openPipe(names[place] ?? ''),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

// The engine expands *, ? and {} in the paths of rows.
async function chooseFolder(directory: string): Promise<string> {
  if (/[*?{}[\]]/.test(directory)) return mkdtemp(path.join(tmpdir(), 'lyceum-clickhouse-'));
  const folder = path.join(directory, 'spool');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

async function store(file: string, body: Parameters<Spool['store']>[1]): Promise<SpooledFile> {
  const remove = (): Promise<void> => rm(file, { force: true });
  try {
    await pipeline(body, createWriteStream(file, { mode: 0o600 }));
  } catch (error) {
    await remove();
    if (systemErrorCode(error) !== 'ENOSPC') throw error;
    throw new ClickHouseException(243, 'NOT_ENOUGH_SPACE', 'The disk is full: nothing was inserted', {
      cause: error,
    });
  }
  return { path: file, remove };
}

// Opened without blocking: first for reading, then for writing. The second one keeps the reading side from seeing an end
// before the engine has opened the pipe, and gives it one even if the engine never does.
function openPipe(file: string): ResultPipe {
  const reading = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  let writing: number | undefined = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
  const output = new net.Socket({ fd: reading, readable: true, writable: false });
  const finish = (): void => {
    if (writing !== undefined) closeSync(writing);
    writing = undefined;
  };
  return { path: file, output, finish };
}
