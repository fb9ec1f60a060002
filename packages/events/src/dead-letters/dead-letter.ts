import { createHash } from 'node:crypto';
import { idOf } from '@lyceum/service';
import type { AppendRecord, LogRecord } from '../event-log.ts';
import { resentHeader } from '../resent.ts';

/** A record that a group could not read, as its dead-letter topic tells of it (deliver.ts). Its value is read when asked. */
export interface DeadLetter {
  /** TypeID, `deadletter_…`: made of its place, so that every reader gives it the same. */
  readonly id: string;
  /** Where it was put aside from. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** Who could not read it, and why. */
  readonly group: string;
  readonly reason: string;
  readonly failedAt: Date;
  /** What its header names; undefined where it names none: do not trust it with what is another's. */
  readonly organisationId: string | undefined;
  readonly bytes: number;
  /** Where it is in the dead-letter topic. */
  readonly place: { readonly topic: string; readonly partition: number; readonly offset: bigint };
}

const headerOf = (name: string) => `dead-letter-${name}`;

/** Undefined for what `deliver` did not write. */
export function deadLetterOf(record: LogRecord): DeadLetter | undefined {
  const { topic, partition, offset, headers, appendedAt, value } = record;
  const told = (name: string) => headers[headerOf(name)];
  const [from, group] = [told('topic'), told('group')];
  if (from === undefined || group === undefined) return undefined;
  return {
    id: idAt(topic, partition, offset, appendedAt),
    topic: from,
    partition: Number(told('partition') ?? 0),
    offset: told('offset') ?? '',
    group,
    reason: told('reason') ?? '',
    failedAt: appendedAt,
    organisationId: headers['organisation'],
    bytes: value.length,
    place: { topic, partition, offset: BigInt(offset) },
  };
}

/** The record as it was, for the group that could not read it. */
export function resentRecord(record: LogRecord, { topic, group }: DeadLetter): AppendRecord {
  const own = Object.entries(record.headers).filter(([name]) => !name.startsWith(headerOf('')));
  return {
    topic,
    key: record.key,
    value: record.value,
    headers: { ...Object.fromEntries(own), [resentHeader]: group },
  };
}

/** A UUIDv7 (RFC 9562, 5.7) whose random part is the hash of the place. */
function idAt(topic: string, partition: number, offset: string, at: Date): string {
  const bytes = createHash('sha256').update(`${topic}|${partition}|${offset}`).digest().subarray(0, 16);
  bytes.writeUIntBE(at.getTime(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return idOf('deadletter', bytes);
}
