/**
 * The event log as every service sees it. Two adapters fulfil it (embedded/, kafka/) and one contract suite
 * (test/contract.ts) runs against both.
 *
 * Guarantees, of both adapters:
 * - an append resolves when its records are on disk, and readers see all of them or none;
 * - records of one key keep their order;
 * - delivery to a group is at least once, each record to one member at a time, offsets committed in order;
 * - a tail sees every record from where it starts, and commits nothing.
 */

import type { LogClaims } from './claims.ts';

/** A record to append. `key` decides the partition: records of one key keep their order. */
export interface AppendRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A record as it is read. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  /** The place in the partition: a decimal integer that grows, not always by one. */
  readonly offset: string;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** When the log took the record. */
  readonly appendedAt: Date;
  /** Opaque; hand it to `tail({ from: { cursor } })` to go on after this record. */
  readonly cursor: string;
}

/** Consecutive records of one partition. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  /** Never empty, in order of offset. */
  readonly records: readonly LogRecord[];
  /** Aborted when the consumer stops or the partition goes to another member: stop working, reject. */
  readonly signal: AbortSignal;
}

export interface ConsumeOptions {
  readonly topics: readonly string[];
  /** The members of one group, in all processes, share the work. */
  readonly group: string;
  /**
   * Offsets are committed after it resolves. When it rejects, the batch comes again with back-off, until it
   * resolves or the consumer stops. Reject with `UnreadableRecordError` to send one record to the topic
   * `<topic>.dead-letter` and have the rest of the batch again without it.
   */
  readonly handle: (batch: RecordBatch) => Promise<void>;
  /** Where a group without a committed offset starts. Default: earliest. */
  readonly from?: 'earliest' | 'latest';
  /** Default 500. */
  readonly maxBatchRecords?: number;
  /** Bytes of values; one record larger than this still comes, alone. Default 4 MiB. */
  readonly maxBatchBytes?: number;
}

export interface Consumer {
  /** Takes no further batch, waits for the one in `handle`, commits it if it resolves, leaves the group. */
  stop(): Promise<void>;
}

/** Where a tail begins. */
export type TailStart = 'now' | { readonly cursor: string } | { readonly since: Date };

export interface TailOptions {
  readonly topic: string;
  /**
   * A cursor of a tail goes on exactly after its record. A cursor of a record that a group read is exact in the
   * record's own partition; in the others it starts at the record's time, so that a few come again. A time begins
   * with the first record that the log took then or later; where retention has passed it, with the oldest there is.
   */
  readonly from: TailStart;
  readonly signal: AbortSignal;
}

/**
 * Ends when `signal` is aborted. Rejects, as does `ready`, with `InvalidCursorError` for a cursor that this log
 * did not make and with `CursorExpiredError` when retention has passed it.
 */
export interface Tail extends AsyncIterable<LogRecord> {
  /** Records appended after this resolves are seen. What it resolves with is the cursor of where the tail starts. */
  readonly ready: Promise<string>;
  /** Resolves once the reader has taken all that was in the topic when the tail began; never where it ends before. */
  readonly caughtUp: Promise<void>;
}

/** How many records of a partition a group has not yet committed, and the offset behind those that it has. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  readonly lag: number;
  readonly committed: number;
}

/** Where a partition begins and ends, and what a group reads next of it; undefined where it has committed nothing yet. */
export interface PartitionPosition {
  readonly partition: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly committed: bigint | undefined;
  /** Of its records; undefined where the log does not say. */
  readonly bytes?: number;
}

/** What a group is to have passed. */
export interface PassedOptions {
  readonly group: string;
  readonly topic: string;
  readonly signal: AbortSignal;
}

export interface EventLog {
  /**
   * Resolves when all records are durable; rejects when none was appended (or, for Kafka, when it is not known:
   * appending again may then double them). Concurrent appends share one write to the disk.
   */
  append(records: readonly AppendRecord[]): Promise<void>;
  /** Keys that are taken together with a record; Kafka has none. */
  readonly claims?: LogClaims;
  /** Resolves when the member has joined the group. */
  consume(options: ConsumeOptions): Promise<Consumer>;
  tail(options: TailOptions): Tail;
  /** One entry for each partition that the group has committed an offset of. */
  lag(group: string): Promise<PartitionLag[]>;
  /**
   * How far a group is in each partition of a topic; none of a topic that is not there. On Kafka it may reject while a
   * coordinator moves: ask again.
   */
  positions(of: { readonly group: string; readonly topic: string }): Promise<PartitionPosition[]>;
  /**
   * Resolves once the group has committed all that was in the topic when this was called, and where retention has passed
   * what it had not read. Rejects when `signal` is aborted.
   */
  passed(options: PassedOptions): Promise<void>;
  /** For health checks: rejects with the reason when the log can't be written or read. */
  check(): Promise<void>;
  /** Stops consumers and tails, waits for appends under way, lets go of files and connections. */
  close(): Promise<void>;
}
