import type { AppendRecord, LogRecord } from '../event-log.ts';

/** What somebody did about a dead letter; the last counts. */
export interface DeadLetterAct {
  /** Of the dead letter. */
  readonly id: string;
  readonly kind: 'RESENT' | 'DISCARDED';
  /** The id of who did it. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Kept as long as dead letters are: its name says so (topic-settings.ts). */
export const actsTopic = 'acts.dead-letter';

export function actRecord(act: DeadLetterAct): AppendRecord {
  return { topic: actsTopic, key: act.id, value: JSON.stringify(act) };
}

/** Undefined for what `actRecord` did not make. */
export function readAct({ value }: LogRecord): DeadLetterAct | undefined {
  try {
    const act = JSON.parse(value.toString()) as Partial<DeadLetterAct>;
    const { id, kind, by, at } = act;
    if (typeof id !== 'string' || typeof by !== 'string' || typeof at !== 'string') return undefined;
    return kind === 'RESENT' || kind === 'DISCARDED' ? { id, kind, by, at } : undefined;
  } catch {
    return undefined;
  }
}
