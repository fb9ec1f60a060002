import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventLogFormatError } from '../errors.ts';

const FORMAT = 'lyceum-event-log';
const VERSION = 1;
const STAMP = 'FORMAT.json';

/**
 * Checks that the directory is an event log of this version, or is empty and becomes one.
 * The stamp is written before the data, so that data without a stamp is never ours.
 *
 * @throws EventLogFormatError having changed nothing
 */
export function stampFormat(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, STAMP);
  if (existsSync(path)) {
    assertReadable(directory, readFileSync(path, 'utf8'));
    return;
  }
  const strangers = readdirSync(directory).filter((name) => !name.startsWith(`${STAMP}.`));
  // Two processes may make the log at once: the loser of that race finds the winner's stamp.
  if (strangers.includes(STAMP)) {
    assertReadable(directory, readFileSync(path, 'utf8'));
    return;
  }
  if (strangers.length > 0)
    throw new EventLogFormatError(directory, `it holds ${strangers.join(', ')} and no ${STAMP}`);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify({ format: FORMAT, version: VERSION })}\n`, { flush: true });
  renameSync(draft, path);
}

function assertReadable(directory: string, text: string): void {
  const { format, version } = parse(directory, text);
  if (format !== FORMAT) throw new EventLogFormatError(directory, `${STAMP} does not name a ${FORMAT}`);
  if (version !== VERSION) {
    throw new EventLogFormatError(
      directory,
      `it has version ${String(version)}, this program reads version ${VERSION}`,
    );
  }
}

function parse(directory: string, text: string): { format?: unknown; version?: unknown } {
  try {
    return Object(JSON.parse(text)) as { format?: unknown; version?: unknown };
  } catch (error) {
    throw new EventLogFormatError(directory, `${STAMP} is not JSON`, { cause: error });
  }
}
