import { open, type Database } from 'lmdb';
import { EventLogFormatError } from '../errors.ts';
import type { TopicSettings } from '../topic-settings.ts';
import { checkDataFile } from './data-file.ts';
import { stampFormat } from './format-stamp.ts';
import { createWriter, type Writer } from './writer.ts';

/** The settings lie in the store, so that whichever process trims goes by the same. */
export interface TopicEntry extends TopicSettings {
  readonly id: number;
}

export interface PartitionEntry {
  /** The offset of the oldest record kept. */
  readonly start: number;
  /** The offset that the next record gets. */
  readonly next: number;
  /** Bytes of the frames kept. */
  readonly bytes: number;
  /** When the last record was appended: the next one is not earlier, whatever the clock does. Absent before the first. */
  readonly lastAt?: number;
}

export interface MemberEntry {
  readonly instance: string;
  readonly topics: readonly string[];
}

export interface InstanceEntry {
  readonly pid: number;
  /** Where `pid` has a meaning: host and pid namespace. */
  readonly place: string;
  readonly expiresAt: number;
}

type Mark =
  | `version of ${string}`
  | 'trimmed-at'
  | 'claims-next'
  | 'claims-filled'
  | `claims-noted/${string}/${string}`;

/** The tables of the log: one lmdb environment, shared by the processes of this machine. */
export interface LogStore extends Writer {
  readonly directory: string;
  /** [topic id u16][partition u16][offset u48] -> frame */
  readonly records: Database<Buffer, Buffer>;
  readonly topics: Database<TopicEntry, string>;
  readonly partitions: Database<PartitionEntry, [topicId: number, partition: number]>;
  /** The offset that a group reads next. */
  readonly offsets: Database<number, [group: string, topic: string, partition: number]>;
  readonly members: Database<MemberEntry, [group: string, member: string]>;
  /** Which member may handle and commit a partition: '' when nobody. */
  readonly owners: Database<string, [group: string, topic: string, partition: number]>;
  readonly instances: Database<InstanceEntry, string>;
  /** Counters and times that concern the whole log. */
  readonly marks: Database<number, Mark>;
  /** [number of the entry u48] -> keys that were claimed with one record (claims/claim-entry.ts) */
  readonly claims: Database<Buffer, Buffer>;
  /** Lets the reads that follow see what other processes have committed up to now. */
  refresh(): void;
  close(): Promise<void>;
}

/**
 * Address space, not disk: the file grows as it is written. Fixed from the start because growing a map that
 * several processes share halves the speed of appends.
 */
const MAP_BYTES = 256 * 2 ** 30;

/** @throws EventLogFormatError when the directory holds something that this version can't use */
export function openStore(directory: string): LogStore {
  stampFormat(directory);
  checkDataFile(directory);
  const root = openRoot(directory);
  const writer = createWriter(root, directory);
  return {
    ...writer,
    directory,
    records: root.openDB({ name: 'records', encoding: 'binary', keyEncoding: 'binary' }),
    topics: root.openDB({ name: 'topics' }),
    partitions: root.openDB({ name: 'partitions' }),
    offsets: root.openDB({ name: 'offsets' }),
    members: root.openDB({ name: 'members' }),
    owners: root.openDB({ name: 'owners' }),
    instances: root.openDB({ name: 'instances' }),
    marks: root.openDB({ name: 'marks' }),
    claims: root.openDB({ name: 'claims', encoding: 'binary', keyEncoding: 'binary' }),
    refresh: () => {
      root.resetReadTxn();
    },
    close: async () => {
      await writer.end();
      await root.close();
    },
  };
}

function openRoot(directory: string) {
  try {
    return open({
      path: directory,
      mapSize: MAP_BYTES,
      maxDbs: 16,
      maxReaders: 512,
      // Commits then wait for fdatasync, and readers never see what a power cut could still take back: a
      // consumer may derive a deduplication token from an offset, so an offset must never be given twice.
      overlappingSync: false,
      // The group commit of writer.ts takes its place, and with it a failed commit leaves no promise unhandled.
      eventTurnBatching: false,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EventLogFormatError(directory, reason, { cause: error });
  }
}
