import { UnreadableRecordError } from '@lyceum/events';
import type { HeardStatement, HeardStatements } from '../domain/heard-statements.ts';
import { isRefusedValue } from '../store/refused-value.ts';

/** What a record of the log says that means something for progress. */
export interface HeardRecord {
  readonly offset: string;
  readonly heard: readonly HeardStatement[];
}

/**
 * Applies what records say, together where possible. Readers let nothing pass that PostgreSQL is known to refuse; where
 * it refuses a value all the same, the records are halved until the one at fault is found. Nobody else's progress waits
 * for it, and the other statements of its request count too. Applying again what was applied changes nothing.
 *
 * @throws UnreadableRecordError that names the first record at fault.
 */
export async function learnRecords(
  statements: HeardStatements,
  records: readonly HeardRecord[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const heard = records.flatMap((record) => record.heard);
  if (heard.length === 0) return;
  try {
    await statements.learn(heard);
  } catch (error) {
    if (!isRefusedValue(error)) throw error;
    const [record] = records;
    if (records.length > 1) {
      for (const half of halvesOf(records)) await learnRecords(statements, half, signal);
    } else if (record) {
      await learnAccepted(statements, heard, signal);
      throw new UnreadableRecordError(record.offset, `PostgreSQL refuses it: ${error.message}`, {
        cause: error,
      });
    }
  }
}

/** Applies those of the statements that PostgreSQL accepts. */
async function learnAccepted(
  statements: HeardStatements,
  heard: readonly HeardStatement[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  try {
    await statements.learn(heard);
  } catch (error) {
    if (!isRefusedValue(error)) throw error;
    if (heard.length === 1) return;
    for (const half of halvesOf(heard)) await learnAccepted(statements, half, signal);
  }
}

function halvesOf<Each>(all: readonly Each[]): (readonly Each[])[] {
  const middle = Math.ceil(all.length / 2);
  return [all.slice(0, middle), all.slice(middle)];
}
