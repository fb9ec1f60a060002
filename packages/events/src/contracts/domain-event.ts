import { currentRequest, newId } from '@lyceum/service';
import { EventLogError, UnreadableRecordError } from '../errors.ts';
import type { LogRecord } from '../event-log.ts';
import { topicOfEvent, type EventData } from './generated/event-data.ts';
import { createEventValidator } from './validators.ts';

export type EventType = keyof EventData;

/** A domain event: CloudEvents 1.0 with the extension attributes dataversion, organisation and requestid. */
export interface DomainEventOf<T extends EventType> {
  readonly specversion: '1.0';
  /** TypeID, `evt_...`. The same when the event comes again. */
  readonly id: string;
  /** `lyceum/<service>` */
  readonly source: string;
  readonly type: T;
  /** The id of the aggregate, and the record's key. */
  readonly subject: string;
  /** ISO 8601 */
  readonly time: string;
  readonly dataversion: number;
  /** '' for what belongs to no organisation. */
  readonly organisation: string;
  readonly requestid?: string;
  readonly data: EventData[T];
}

/** Any domain event; `type` tells which. */
export type DomainEvent = { [T in EventType]: DomainEventOf<T> }[EventType];

type TopicsOf<T extends EventType> = (typeof topicOfEvent)[T];

/** Which topic, where each service tells the type on its own: the one of the service that calls. */
type TopicChoice<T extends EventType> =
  TopicsOf<T> extends readonly (infer Topic extends string)[]
    ? { readonly topic: Topic }
    : { readonly topic?: never };

interface DomainEventContent<T extends EventType> {
  readonly type: T;
  readonly subject: string;
  readonly organisation: string;
  readonly data: EventData[T];
  /** Default: now. */
  readonly time?: Date;
}

export type DomainEventInput<T extends EventType> = DomainEventContent<T> & TopicChoice<T>;

/** A row of the table `outbox`; also a record of the log. */
export interface OutboxRow {
  readonly topic: string;
  readonly key: string;
  /** The event as JSON. */
  readonly value: string;
  readonly headers: Record<string, string>;
}

/** The caller built an event that its contract forbids: a bug of the caller. */
export class ContractViolationError extends EventLogError {
  readonly faults: readonly string[];
  constructor(type: string, faults: readonly string[]) {
    super('CONTRACT_VIOLATION', `The event ${type} breaks its contract: ${faults.join('; ')}`);
    this.faults = faults;
  }
}

const CURRENT_VERSION = 1;
const writer = createEventValidator('writer');
const reader = createEventValidator('reader');

/**
 * The outbox row of an event, checked against its contract. Carries the id of the request under way.
 *
 * @throws ContractViolationError
 */
export function domainEvent<T extends EventType>(input: DomainEventInput<T>): OutboxRow {
  const topic = topicOf(input);
  const requestId = currentRequest()?.id;
  const event: DomainEventOf<T> = {
    specversion: '1.0',
    id: newId('evt'),
    source: `lyceum/${topic.replace(/\.events$/, '')}`,
    type: input.type,
    subject: input.subject,
    time: (input.time ?? new Date()).toISOString(),
    dataversion: CURRENT_VERSION,
    organisation: input.organisation,
    ...(requestId === undefined ? {} : { requestid: requestId }),
    data: input.data,
  };
  const faults = writer.faultsOf(event.type, event.dataversion, event) ?? ['there is no such contract'];
  if (faults.length > 0) throw new ContractViolationError(event.type, faults);
  return { topic, key: event.subject, value: JSON.stringify(event), headers: headersOf(event) };
}

function topicOf({ type, topic }: { type: EventType; topic?: string }): string {
  const topics: readonly string[] = [topicOfEvent[type]].flat();
  const chosen = topic ?? topics[0] ?? '';
  if (!topics.includes(chosen)) throw new ContractViolationError(type, [`it is not told on ${chosen}`]);
  return chosen;
}

function headersOf({ id, type }: { id: string; type: string }): Record<string, string> {
  return { 'content-type': 'application/cloudevents+json', id, type };
}

/** The type that the record says it is, without reading the value. Undefined where no header says it. */
export function eventTypeOf({ headers }: Pick<LogRecord, 'headers'>): string | undefined {
  return headers['type'];
}

/**
 * The event in a record, checked against its contract. Undefined for a type that this program does not know: a
 * newer service may publish it.
 *
 * @throws UnreadableRecordError for what is not an event, or breaks the contract of its type
 */
export function parseDomainEvent(record: LogRecord): DomainEvent | undefined {
  const event = parseJson(record);
  const { type, dataversion } = Object(event) as { type?: unknown; dataversion?: unknown };
  if (typeof type !== 'string' || typeof dataversion !== 'number') {
    throw new UnreadableRecordError(record.offset, 'it is not a CloudEvent with a type and a dataversion');
  }
  if (!reader.hasContract(type)) return undefined;
  const faults = reader.faultsOf(type, dataversion, event) ?? [
    `version ${dataversion} of ${type} is unknown`,
  ];
  if (faults.length > 0) throw new UnreadableRecordError(record.offset, faults.join('; '));
  return event as DomainEvent;
}

function parseJson(record: LogRecord): unknown {
  try {
    return JSON.parse(record.value.toString('utf8'));
  } catch (error) {
    throw new UnreadableRecordError(record.offset, 'it is not JSON', { cause: error });
  }
}
