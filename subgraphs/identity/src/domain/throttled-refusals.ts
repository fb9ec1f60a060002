import type { Logger } from '@lyceum/service';
import type { Database } from '../store/store.ts';
import { recordAct, type AuditEntry } from './audit.ts';
import { minuteMs } from './durations.ts';

export type ThrottledRefusals = ReturnType<typeof createThrottledRefusals>;

/** Of one act by one actor. */
const MOST_A_MINUTE = 5;

/**
 * Records what was refused to somebody, however often they ask: of one act by one actor the first few in a minute have a
 * row; the first of the next minute with any tells how many there were. So a hostile client that is refused fills no
 * disk, and nobody hides behind its rows.
 */
export function createThrottledRefusals({ store, logger }: { store: Database; logger: Logger }) {
  /** Past the transaction of the work, which was rolled back. */
  async function record(entry: AuditEntry & { readonly refused: string }, by: string): Promise<void> {
    const subject = ['refused', entry.organisationId, by, entry.act, entry.refused].join(' ');
    const { count, previous } = await store.countedWindows.count(subject, minuteMs / 1_000);
    if (count > MOST_A_MINUTE) return;
    const more = count === 1 && previous > MOST_A_MINUTE ? { refusedBefore: [null, previous] as const } : {};
    await recordAct(store, { ...entry, changes: { ...entry.changes, ...more } });
  }

  return {
    /**
     * Never fails: what was refused stays refused where it can't be recorded, and the log is told.
     *
     * @param by who it is counted of, where that is not the actor
     */
    async record(
      entry: AuditEntry & { readonly refused: string },
      by: string = entry.by.id ?? '',
    ): Promise<void> {
      await record(entry, by).catch((error: unknown) => {
        logger.error({ err: error, act: entry.act }, 'a refusal could not be recorded');
      });
    },
  };
}
