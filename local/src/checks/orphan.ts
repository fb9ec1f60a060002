import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { identifyProcess } from '@lyceum/engines';

/**
 * The port of a PostgreSQL that outlived the processes which started it on this directory (all were killed at once).
 * It is no obstacle: whoever starts PostgreSQL there stops it first. Call only while holding the data directory's lock.
 */
export async function portOfOrphan(directory: string): Promise<number | undefined> {
  const file = join(await realpath(directory).catch(() => directory), 'data', 'postmaster.pid');
  // https://www.postgresql.org/docs/18/storage-file-layout.html: the pid, the data directory, its start, the port.
  const [pid, data, , port] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  if (!pid || !data) return undefined;
  // After a kill -9 the file stays, and its pid may be anybody's by now.
  const found = await identifyProcess(Number(pid));
  const isIts = found?.command.includes('postgres') === true && found.command.includes(data);
  return isIts ? Number(port) || undefined : undefined;
}
