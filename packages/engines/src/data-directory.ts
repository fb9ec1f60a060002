import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError, messageOf, systemErrorCode } from './errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file of that name is in the way',
};

/** Room that a first start needs: enough that no engine dies half-way through creating its files. */
const PROBE_BYTES = 64 * 1024;

/**
 * Makes sure that `directory` exists and takes writes.
 *
 * @throws EngineError `DIRECTORY_UNUSABLE` with the reason: permission, read-only, disk full.
 */
export async function prepareDirectory(directory: string): Promise<void> {
  const probe = path.join(directory, `.probe-${process.pid}`);
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(probe, Buffer.alloc(PROBE_BYTES, 1), { flush: true });
  } catch (error) {
    throw unusable(directory, error);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

/** A system error on `directory` as the EngineError to show. */
export function unusable(directory: string, error: unknown): EngineError {
  const reason = REASONS[systemErrorCode(error) ?? ''] ?? messageOf(error);
  return new EngineError(
    'DIRECTORY_UNUSABLE',
    `${directory} can't be written: ${reason}. Free space or permissions there, or set LYCEUM_DATA_DIR.`,
    { cause: error },
  );
}
