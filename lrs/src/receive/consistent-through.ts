import type { EventLog } from '@lyceum/events';
import type { StatementReader } from '../query/select-statements.ts';
import { UnavailableError } from '../query/unavailable-error.ts';

/**
 * The value of X-Experience-API-Consistent-Through for an organisation: everything accepted with `stored` up to
 * then can be read (Communication 2.1.3). Ask before reading.
 *
 * Where ingest has handled all of the log, that is now, or just before the oldest append under way. Otherwise it
 * is the newest statement that ClickHouse has, since the log has an organisation's statements in order of `stored`.
 * True for one receiving process; several need to share what is under way (docs/decisions/0006).
 *
 * @throws UnavailableError
 */
export type ConsistentThrough = (organisationId: string) => Promise<string>;

export interface ConsistentThroughOptions {
  log: Pick<EventLog, 'lag'>;
  group: string;
  reader: Pick<StatementReader, 'selectNewestStored'>;
  oldestUnderWay: () => string | undefined;
}

const never = '1970-01-01T00:00:00.000Z';

export function createConsistentThrough(o: ConsistentThroughOptions): ConsistentThrough {
  return async (organisationId) => {
    const now = new Date().toISOString();
    const oldest = o.oldestUnderWay() ?? now;
    const lag = await o.log.lag(o.group).catch((error: unknown) => {
      throw new UnavailableError('The event log', error);
    });
    if (lag.length > 0 && lag.every((each) => each.lag === 0)) return oldest < now ? oldest : now;
    const newest = await o.reader.selectNewestStored(organisationId);
    return newest === null ? never : `${newest.replace(' ', 'T')}Z`;
  };
}
