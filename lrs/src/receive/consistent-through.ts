import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '@lyceum/events';
import { statementsTopic } from '@lyceum/xapi';
import type { StatementReader } from '../query/select-statements.ts';
import { isoOfStored } from '../query/stored.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { Watermark } from './watermark.ts';

/**
 * The value of X-Experience-API-Consistent-Through for an organisation: everything accepted with `stored` up to
 * then can be read (Communication 2.1.3). Ask before reading.
 *
 * Where ingest has handled all of the log, that is up to where all receivers are (watermark.ts). Where it has not, it is
 * what one receiver alone knows by the newest statement that ClickHouse has, since the log has an organisation's
 * statements in order of `stored` then; of several it is where they were when the log ended where ingest is now.
 *
 * @throws UnavailableError
 */
export type ConsistentThrough = (organisationId: string) => Promise<string>;

export interface ConsistentThroughOptions {
  log: Pick<EventLog, 'lag' | 'passed'>;
  group: string;
  reader: Pick<StatementReader, 'selectNewestStored'>;
  watermark: Pick<Watermark, 'read'>;
  /** Ends what waits for ingest. */
  signal: AbortSignal;
}

/** Before any statement: what can be said where nothing is known. */
export const never = '1970-01-01T00:00:00.000Z';

/** The first to ask while ingest is behind waits so long for it. */
const patienceMs = 1_000;

export function createConsistentThrough(o: ConsistentThroughOptions): ConsistentThrough {
  let proven = never;
  let proving: Promise<void> | undefined;
  let isFirst = true;

  /** Once ingest is where the log ends now, all is there up to where the receivers are now. */
  async function prove(low: string): Promise<void> {
    await o.log.passed({ group: o.group, topic: statementsTopic, signal: o.signal });
    if (low > proven) proven = low;
  }

  async function throughOfSeveral(low: string): Promise<string> {
    proving ??= prove(low)
      .catch(() => undefined)
      .finally(() => (proving = undefined));
    if (isFirst) await Promise.race([proving, delay(patienceMs, undefined, { ref: false })]);
    isFirst = false;
    return proven;
  }

  return async (organisationId) => {
    const { low, alone } = await o.watermark.read().catch((error: unknown) => {
      throw new UnavailableError('The database', error);
    });
    const lag = await o.log.lag(o.group).catch((error: unknown) => {
      throw new UnavailableError('The event log', error);
    });
    if (lag.length > 0 && lag.every((each) => each.lag === 0)) return low;
    if (!alone) return throughOfSeveral(low);
    const newest = await o.reader.selectNewestStored(organisationId);
    return newest === null ? never : isoOfStored(newest);
  };
}
