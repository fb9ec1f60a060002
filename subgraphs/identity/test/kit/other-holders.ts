import { join } from 'node:path';
import { createEventLog, domainEvent, parseDomainEvent, type DomainEventOf } from '@lyceum/events';
import type { PersonalDataDone, PersonalDataPiece } from '@lyceum/events/personal-data';
import { createLogger } from '@lyceum/service';
import type { RunningIdentity } from './identity.ts';

export type Requested = DomainEventOf<'personal-data.requested'>['data'];

const others = ['catalog', 'learning', 'assessment', 'lrs', 'records'] as const;
type Other = (typeof others)[number];

/** The services that hold something of people beside identity, played on the real log. */
export interface OtherHolders {
  /** Every request that was heard, the oldest first. */
  readonly requests: readonly Requested[];
  readonly tellPiece: (service: Other, piece: Omit<PersonalDataPiece, 'service'>) => Promise<void>;
  readonly tellDone: (service: Other, done: Omit<PersonalDataDone, 'service'>) => Promise<void>;
  stop(): Promise<void>;
}

/** @param answers what each does with a request; absent: it has one row of the person, or erases one */
export async function playOtherHolders(
  { dataDirectory }: Pick<RunningIdentity, 'dataDirectory'>,
  answers: Partial<Record<Other, (request: Requested, holders: OtherHolders) => Promise<void>>> = {},
): Promise<OtherHolders> {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const log = await createEventLog({ directory: join(dataDirectory, 'log'), clientId: 'test', logger });
  const requests: Requested[] = [];
  const holders: OtherHolders = {
    requests,
    tellPiece: (service, piece) => {
      const { jobId: subject, organisationId: organisation } = piece;
      const at = { topic: `${service}.events` as const, subject, organisation };
      return log.append([domainEvent({ type: 'personal-data.piece', ...at, data: { ...piece, service } })]);
    },
    tellDone: (service, done) => {
      const { jobId: subject, organisationId: organisation } = done;
      const at = { topic: `${service}.events` as const, subject, organisation };
      return log.append([domainEvent({ type: 'personal-data.done', ...at, data: { ...done, service } })]);
    },
    stop: async () => {
      await consumer.stop();
      await log.close();
    },
  };
  const consumer = await log.consume({
    topics: ['identity.events'],
    group: 'other-holders',
    handle: async ({ records }) => {
      for (const record of records) {
        const event = parseDomainEvent(record);
        if (event?.type !== 'personal-data.requested') continue;
        requests.push(event.data);
        for (const service of others) await (answers[service] ?? answerOf(service))(event.data, holders);
      }
    },
  });
  return holders;
}

/** One row, or one that is erased. */
export function answerOf(service: Other) {
  return async ({ jobId, organisationId, kind }: Requested, holders: OtherHolders): Promise<void> => {
    const head = { jobId, organisationId };
    const content = `{"of":"${service}"}\n`;
    if (kind === 'EXPORT')
      await holders.tellPiece(service, { ...head, place: 0, file: 'rows.jsonl', content });
    const action = kind === 'EXPORT' ? 'EXPORTED' : 'DELETED';
    const pieces = kind === 'EXPORT' ? 1 : 0;
    await holders.tellDone(service, { ...head, kind, pieces, report: [{ what: 'rows', action, count: 1 }] });
  };
}
