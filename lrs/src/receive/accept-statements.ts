import { EventLogFullError, RecordTooLargeError, type AppendRecord } from '@lyceum/events';
import {
  createOriginalStamper,
  createStamper,
  encodeStatementBatch,
  expectedBytes,
  largestRecordBytes,
  timestampMicros,
  type Edition,
  type Stamper,
  type StoredClock,
} from '@lyceum/xapi';
import { LostClaimError, type AppendOutcome, type StatementIds } from '../ids/statement-ids.ts';
import type { WithoutErased } from '../ids/without-erased.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import { authorityOf } from './authority.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { Credential } from './credentials.ts';
import { grantsOf } from './grants.ts';
import { createKnownStatements } from './known-statements.ts';
import type { SentStatement } from './read-statements.ts';
import { refusals, type XapiError } from './xapi-error.ts';

/** From valid statements to durable ones. */
export interface Acceptance {
  /**
   * Stamps the statements of one request and appends them as one record: all of them or none. One whose id has an equal
   * statement is there already and is not appended again (Communication 2.1.1, 2.1.2).
   *
   * @returns the ids, in the order sent, once the log has the record
   * @throws XapiError 409 where an id has a different statement; 413, 503
   */
  accept(statements: readonly SentStatement[], request: AcceptanceRequest): Promise<string[]>;
  /** The `stored` of the oldest statement that is on its way into the log; undefined when none is. */
  readonly oldestUnderWay: () => string | undefined;
}

export interface AcceptanceRequest {
  readonly credential: Credential;
  readonly edition: Edition;
  readonly requestId: string;
  /** The id of a statement that does not say its own (PUT). */
  readonly id?: string;
  /** Whether statements keep the `stored` and the authority that they say: an import's alone may. */
  readonly keepsOriginals?: boolean;
  /** Told how many of them were there before. */
  readonly onKnown?: (count: number) => void;
  /** Told of those that were there, and that a retention dropped. */
  readonly onDropped?: (ids: readonly string[]) => void;
  /** The statements once more, where their ids are taken: until then what was parsed is forgotten. */
  readonly again: () => readonly SentStatement[];
}

export interface AcceptanceOptions {
  readonly ids: Pick<StatementIds, 'append'>;
  readonly withoutErased: WithoutErased;
  readonly publicUrl: string;
  readonly pool: BufferPool;
  readonly clock: Pick<StoredClock, 'next'>;
  readonly onFailure: (error: unknown) => void;
}

export function createAcceptance(o: AcceptanceOptions): Acceptance {
  const { ids, publicUrl, pool, clock, onFailure } = o;
  const stampers = new WeakMap<Credential, Map<string, Stamper>>();
  const underWay = new Set<Entry>();

  function stamperOf(credential: Credential, edition: Edition, keepsOriginals: boolean): Stamper {
    const known = stampers.get(credential) ?? new Map<string, Stamper>();
    stampers.set(credential, known);
    const version = edition === '2.0' ? '2.0.0' : '1.0.0';
    const key = keepsOriginals ? `${edition} original` : edition;
    const create = keepsOriginals ? createOriginalStamper : createStamper;
    const stamper = known.get(key) ?? create({ authority: authorityOf(publicUrl, credential), version });
    known.set(key, stamper);
    return stamper;
  }

  /** All that the append needs. What was parsed is not in it, and may be forgotten while the disk writes. */
  function entryOf(sent: readonly SentStatement[], request: AcceptanceRequest): Entry {
    const { credential, edition, requestId, id, keepsOriginals = false } = request;
    const stamp = stamperOf(credential, edition, keepsOriginals);
    // Of what keeps its own `stored`, this is what the watermark and the pages of readers go by.
    const arrived = keepsOriginals ? clock.next() : undefined;
    const statements = sent.map((each) => stamp(each.statement, each.text, clock.next(), id));
    const { organisationId } = credential;
    const room = pool.take(expectedBytes(statements.length));
    const record = encodeStatementBatch({ organisationId, publicUrl, statements }, room);
    return {
      stored: arrived ?? statements[0]?.stored ?? '',
      ids: statements.map((each) => each.id),
      idsMade: statements.every((each) => each.idMade),
      organisationId,
      room,
      record: {
        ...record,
        headers: { ...record.headers, ...grantsOf(credential), ...importedAt(arrived), requestid: requestId },
      },
    };
  }

  async function appendEntry(entry: Entry, free?: ReadonlySet<string>): Promise<AppendOutcome> {
    underWay.add(entry);
    try {
      const outcome = await ids.append(entry.record, { ...entry, ...(free && { free }) });
      if (entry.room !== undefined) pool.give(entry.room);
      return outcome;
    } catch (error) {
      // The log may have given up waiting and still send it.
      if (entry.room !== undefined) pool.forget();
      if (error instanceof RecordTooLargeError) throw tooMany(entry);
      throw refusalOf(error);
    } finally {
      underWay.delete(entry);
    }
  }

  function refusalOf(error: unknown): XapiError {
    onFailure(error);
    if (error instanceof LostClaimError) return refusals.overtaken();
    if (error instanceof EventLogFullError) return refusals.storageFull('the event log');
    return refusals.unavailable(error instanceof UnavailableError ? error.what : 'The event log');
  }

  async function settle(entry: Entry, request: AcceptanceRequest): Promise<string[]> {
    const first = await appendEntry(entry);
    if (first === 'appended') return entry.ids;
    const known = createKnownStatements(request, o.withoutErased);
    const free = new Set<string>();
    let outcome: AppendOutcome = first;
    let asked: readonly string[] = entry.ids;
    let told = 0;
    for (let turn = 0; turn < mostTurns; turn += 1) {
      if (outcome === 'appended') return known.ids(asked);
      await known.add(asked, outcome.taken).catch((error: unknown) => {
        throw error instanceof UnavailableError ? refusalOf(error) : error;
      });
      for (const id of outcome.free) free.add(id);
      const rest = known.rest();
      if (known.dropped.length > 0) request.onDropped?.(known.dropped);
      request.onKnown?.(known.count() - told);
      told = known.count();
      if (rest.length === 0) return known.ids([]);
      const next = entryOf(rest, request);
      asked = next.ids;
      outcome = await appendEntry(next, free);
    }
    throw refusals.overtaken();
  }

  return {
    // Up to the append there is no await: within this process, `stored` is the order of the log.
    accept: (sent, request) =>
      sent.length === 0 ? Promise.resolve([]) : settle(entryOf(sent, request), request),
    oldestUnderWay() {
      const [oldest] = underWay;
      return oldest?.stored;
    },
  };
}

/** For ingest: when statements came that say another time themselves. */
const importedAt = (arrived: string | undefined) =>
  arrived === undefined ? undefined : { imported: timestampMicros(arrived).toString() };

/** Each turn somebody else was first with one of the ids. */
const mostTurns = 10;

/** The stamps and columns of a statement are more than the smallest statement itself. */
function tooMany({ ids, record }: Entry): XapiError {
  if (ids.length === 1) return refusals.statementTooLarge();
  const each = record.value.length / ids.length;
  return refusals.tooMany(ids.length, Math.floor((largestRecordBytes * 0.9) / each));
}

/** The statements of a request on their way into the log. */
interface Entry {
  /** Of the first. */
  readonly stored: string;
  readonly ids: string[];
  readonly idsMade: boolean;
  readonly organisationId: string;
  readonly record: AppendRecord;
  /** Where the record's value lies, if that is of the pool. */
  readonly room: Buffer | undefined;
}
