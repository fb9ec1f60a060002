import { RecordTooLargeError, type AppendRecord } from '@lyceum/events';
import {
  createStamper,
  createStoredClock,
  encodeStatementBatch,
  type Edition,
  type StampedStatement,
  type Stamper,
} from '@lyceum/xapi';
import { authorityOf } from './authority.ts';
import type { Credential } from './credentials.ts';
import type { SentStatement } from './read-statements.ts';
import { refusals } from './xapi-error.ts';

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
  readonly bodyLimit: number;
  readonly onFailure: (error: unknown) => void;
}

export function createAcceptance({ append, publicUrl, bodyLimit, onFailure }: AcceptanceOptions): Acceptance {
  const clock = createStoredClock();
  const stampers = new WeakMap<Credential, Map<Edition, Stamper>>();
  const underWay = new Set<{ stored: string }>();

  function stamperOf(credential: Credential, edition: Edition): Stamper {
    const known = stampers.get(credential) ?? new Map<Edition, Stamper>();
    stampers.set(credential, known);
    const version = edition === '2.0' ? '2.0.0' : '1.0.0';
    const stamper =
      known.get(edition) ?? createStamper({ authority: authorityOf(publicUrl, credential), version });
    known.set(edition, stamper);
    return stamper;
  }

  function recordOf(statements: readonly StampedStatement[], { credential, requestId }: AcceptanceRequest) {
    const { organisationId } = credential;
    const record = encodeStatementBatch({ organisationId, publicUrl, statements });
    return { ...record, headers: { ...record.headers, requestid: requestId } };
  }

  return {
    // Up to the append there is no await: within this process, `stored` is the order of the log.
    async accept(sent, request) {
      const stamp = stamperOf(request.credential, request.edition);
      const stamped = sent.map((each) => stamp(each.statement, each.text, clock.next(), request.id));
      const [first] = stamped;
      if (first === undefined) return [];
      underWay.add(first);
      try {
        await append([recordOf(stamped, request)]);
      } catch (error) {
        if (error instanceof RecordTooLargeError) throw refusals.tooLarge(bodyLimit);
        onFailure(error);
        throw refusals.unavailable('The event log');
      } finally {
        underWay.delete(first);
      }
      return stamped.map((each) => each.id);
    },
    oldestUnderWay() {
      const [oldest] = underWay;
      return oldest?.stored;
    },
  };
}
