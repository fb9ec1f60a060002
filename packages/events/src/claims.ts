import type { AppendRecord, LogRecord } from './event-log.ts';

/**
 * Keys that belong to one record for ever: an append takes them with its record, in one transaction, or finds that one
 * of them is taken. Only a log that is one store can do that, so only the embedded one has claims.
 */
export interface LogClaims {
  /** Reads what was claimed so far. Before anything else, but for `note` and `fill`. */
  open(): Promise<void>;
  /**
   * Appends a record and takes its keys, or does neither and says why not. True under any race between the processes of
   * this machine, and across a crash.
   */
  append(record: AppendRecord, claim: KeyClaim): Promise<ClaimOutcome>;
  /**
   * Takes the keys of records that are on the log already, and were appended without. A record that was noted is not
   * noted again; its keys may have been taken by another.
   */
  note(records: readonly { readonly record: RecordPlace; readonly claim: KeyClaim }[]): Promise<void>;
  /**
   * Takes keys of what was there before there were claims, whose records nobody knows: once for ever, and from the
   * beginning where it was broken off.
   */
  fill(claims: AsyncIterable<KeyClaim>): Promise<void>;
  /** Where the record of a key is, and which of its keys it is. */
  find(namespace: string, key: Buffer): ClaimedKey;
  /**
   * Whether a group has committed all records whose keys are no longer known to the letter: what it has made of them is
   * the place to look then.
   */
  isForgottenRead(group: string): boolean;
}

/** Which record it is. */
export type RecordPlace = Pick<LogRecord, 'topic' | 'partition' | 'offset'>;

export interface KeyClaim {
  readonly namespace: string;
  /** 16 bytes each. */
  readonly keys: Buffer;
  /** False where nobody can have taken one of them: they were made for this record. */
  readonly isChecked: boolean;
  /** Places of keys of which the caller knows that they are free, though they may seem taken. */
  readonly free?: ReadonlySet<number>;
}

/** The places of keys that stood in the way; where both are empty, the record is on the log. */
export interface ClaimOutcome {
  readonly taken: readonly TakenKey[];
  /** May have been taken, long ago. */
  readonly unsure: readonly number[];
}

export interface TakenKey {
  /** Which of the keys asked for. */
  readonly place: number;
  readonly found: FoundKey;
}

export interface FoundKey {
  /** Which of the record's keys it is. */
  readonly place: number;
  /** Undefined where retention has removed it, and for keys of `fill`. */
  readonly record: LogRecord | undefined;
}

/** `unsure`: it may have been taken, long ago. */
export type ClaimedKey = FoundKey | 'unsure' | undefined;
