import { domainEvent, parseDomainEvent, type EventLog } from '@lyceum/events';
import type { PersonalDataDone, PersonalDataPiece, PersonalDataRequest } from '@lyceum/events/personal-data';
import { newId } from '@lyceum/service';
import { eventually } from './eventually.ts';

/** What a service told of a person, in the order in which it did. */
export interface PersonalDataAnswer {
  readonly pieces: readonly PersonalDataPiece[];
  readonly done: PersonalDataDone;
}

/** Asks a service about a person over the log, as identity does, and waits for its answer. */
export async function askAboutPerson(
  log: EventLog,
  topic: string,
  asked: Pick<PersonalDataRequest, 'organisationId' | 'userId' | 'kind'>,
): Promise<PersonalDataAnswer> {
  const jobId = newId('privacyjob');
  const pieces: PersonalDataPiece[] = [];
  const ends: PersonalDataDone[] = [];
  const consumer = await log.consume({
    topics: [topic],
    group: newId('asks'),
    handle: async ({ records }) => {
      for (const record of records) {
        const event = parseDomainEvent(record);
        if (event?.subject !== jobId) continue;
        if (event.type === 'personal-data.piece') pieces.push(event.data);
        if (event.type === 'personal-data.done') ends.push(event.data);
      }
    },
  });
  const requestedAt = new Date().toISOString();
  const data = { jobId, ...asked, emails: [], homePage: 'http://localhost:4000', requestedAt };
  const { userId: subject, organisationId: organisation } = asked;
  await log.append([domainEvent({ type: 'personal-data.requested', subject, organisation, data })]);
  try {
    const done = await eventually(
      () => {
        const [end] = ends;
        if (!end) throw new Error(`${topic} has not told its end`);
        return end;
      },
      { timeoutMs: 20_000 },
    );
    return { pieces, done };
  } finally {
    await consumer.stop();
  }
}
