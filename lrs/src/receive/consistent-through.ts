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
 * what one receiver alone knows by the newest statement that ClickHouse has, with its keys, since the log has an
 * organisation's statements in order of `stored` then; of several it is where they were when the log ended where ingest is now.
 *
 * @throws UnavailableError
 */
export type ConsistentThrough = (organisationId: string) => Promise<string>;

interface Asked {
  readonly at: number;
  readonly position: number;
  readonly newest: Promise<string | null>;
}

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

/** Organisations of which is remembered what was said. */
const mostSaid = 10_000;

/** As long as readers share what PostgreSQL says (watermark.ts). */
const sharedMs = 50;

/** Longer where ingest has not noted another block meanwhile: there is little new to learn. */
const unchangedMs = 250;

/** The first to ask while ingest is behind waits so long for it. */
const patienceMs = 1_000;

export function createConsistentThrough(o: ConsistentThroughOptions): ConsistentThrough {
  const said = new Map<string, string>();
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

  const asked = new Map<string, Asked>();

  /** Whoever asks within a moment shares the answer: it stays true, only older. `position`: where ingest is. */
  function selectNewest(organisationId: string, position: number): Promise<string | null> {
    const last = asked.get(organisationId);
    const limit = last?.position === position ? unchangedMs : sharedMs;
    if (last && performance.now() - last.at < limit) return last.newest;
    if (asked.size >= mostSaid) asked.clear();
    const newest = o.reader.selectNewestStored(organisationId);
    asked.set(organisationId, { at: performance.now(), position, newest });
    newest.catch(() => asked.delete(organisationId));
    return newest;
  }

  /** What could be said once can be said from then on: the newest may be by somebody who has brought nothing else. */
  function notBefore(organisationId: string, through: string): string {
    const before = said.get(organisationId) ?? never;
    const latest = through > before ? through : before;
    if (said.size >= mostSaid) said.clear();
    said.set(organisationId, latest);
    return latest;
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
    const position = lag.reduce((sum, { committed }) => sum + committed, 0);
    const newest = await selectNewest(organisationId, position);
    return notBefore(organisationId, newest === null ? never : isoOfStored(newest));
  };
}
