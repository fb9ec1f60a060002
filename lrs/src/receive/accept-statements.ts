import { RecordTooLargeError, type AppendRecord } from '@lyceum/events';
import {
  createStamper,
  createStoredClock,
  encodeStatementBatch,
  expectedBytes,
  largestRecordBytes,
  type Edition,
  type Stamper,
} from '@lyceum/xapi';
import { authorityOf } from './authority.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { Credential } from './credentials.ts';
import { grantsOf } from './grants.ts';
import type { SentStatement } from './read-statements.ts';
import { refusals, type XapiError } from './xapi-error.ts';

/** From valid statements to durable ones. */
export interface Acceptance {
  /**
   * Stamps the statements of one request and appends them as one record: all of them or none.
   *
   * The place for 409 (a different statement with a known id, docs/decisions/0006) is between stamping and
   * appending. Here only ingest looks at ids, and the first statement with an id is the one that stays.
   *
   * @param id the id of a statement that does not say its own (PUT)
   * @returns the ids, in the order sent, once the log has the record
   * @throws XapiError 413, 503
   */
  accept(statements: readonly SentStatement[], request: AcceptanceRequest): Promise<string[]>;
  /** The `stored` of the oldest statement that is on its way into the log; undefined when none is. */
  readonly oldestUnderWay: () => string | undefined;
}

export interface AcceptanceRequest {
  readonly credential: Credential;
  readonly edition: Edition;
  readonly requestId: string;
  readonly id?: string;
}

export interface AcceptanceOptions {
  readonly append: (records: readonly AppendRecord[]) => Promise<void>;
  readonly publicUrl: string;
  readonly pool: BufferPool;
  readonly onFailure: (error: unknown) => void;
}

export function createAcceptance({ append, publicUrl, pool, onFailure }: AcceptanceOptions): Acceptance {
  const clock = createStoredClock();
  const stampers = new WeakMap<Credential, Map<Edition, Stamper>>();
  const underWay = new Set<Entry>();

  function stamperOf(credential: Credential, edition: Edition): Stamper {
    const known = stampers.get(credential) ?? new Map<Edition, Stamper>();
    stampers.set(credential, known);
    const version = edition === '2.0' ? '2.0.0' : '1.0.0';
    const stamper =
      known.get(edition) ?? createStamper({ authority: authorityOf(publicUrl, credential), version });
    known.set(edition, stamper);
    return stamper;
  }

  /** All that the append needs. What was parsed is not in it, and may be forgotten while the disk writes. */
  function entryOf(sent: readonly SentStatement[], request: AcceptanceRequest): Entry {
    const { credential, edition, requestId, id } = request;
    const stamp = stamperOf(credential, edition);
    const statements = sent.map((each) => stamp(each.statement, each.text, clock.next(), id));
    const { organisationId } = credential;
    const room = pool.take(expectedBytes(statements.length));
    const record = encodeStatementBatch({ organisationId, publicUrl, statements }, room);
    return {
      stored: statements[0]?.stored ?? '',
      ids: statements.map((each) => each.id),
      room,
      record: {
        ...record,
        headers: { ...record.headers, ...grantsOf(credential), requestid: requestId },
      },
    };
  }

  async function appendEntry(entry: Entry): Promise<string[]> {
    underWay.add(entry);
    try {
      await append([entry.record]);
      if (entry.room !== undefined) pool.give(entry.room);
    } catch (error) {
      // The log may have given up waiting and still send it.
      if (entry.room !== undefined) pool.forget();
      if (error instanceof RecordTooLargeError) throw tooMany(entry);
      onFailure(error);
      throw refusals.unavailable('The event log');
    } finally {
      underWay.delete(entry);
    }
    return entry.ids;
  }

  return {
    // Up to the append there is no await: within this process, `stored` is the order of the log.
    accept: (sent, request) =>
      sent.length === 0 ? Promise.resolve([]) : appendEntry(entryOf(sent, request)),
    oldestUnderWay() {
      const [oldest] = underWay;
      return oldest?.stored;
    },
  };
}

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
  readonly record: AppendRecord;
  /** Where the record's value lies, if that is of the pool. */
  readonly room: Buffer | undefined;
}
