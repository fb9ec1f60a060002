import type { DomainEvent, DomainEventOf } from '@lyceum/events';
import { parseDomainEvent } from '@lyceum/events';
import { newId } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import { publicUrl, type LearningUnderTest, type Person } from './learning.ts';

type Piece = DomainEventOf<'personal-data.piece'>;
type Done = DomainEventOf<'personal-data.done'>;

/** Asks learning about a person, as identity does. Answers the job's id. */
export async function request(
  learning: LearningUnderTest,
  { organisationId, userId }: Pick<Person, 'organisationId' | 'userId'>,
  kind: 'EXPORT' | 'ERASURE',
  more: { emails?: string[]; jobId?: string } = {},
): Promise<string> {
  const jobId = more.jobId ?? newId('privacyjob');
  await learning.publish({
    type: 'personal-data.requested',
    subject: userId,
    organisation: organisationId,
    data: {
      jobId,
      organisationId,
      userId,
      kind,
      emails: more.emails ?? [],
      homePage: publicUrl,
      requestedAt: new Date().toISOString(),
    },
  });
  return jobId;
}

/** What learning tells of people's data, as often as it does. */
export async function hearAnswers(learning: LearningUnderTest) {
  const events: DomainEvent[] = [];
  const consumer = await learning.log.consume({
    topics: ['learning.events'],
    group: `answers-${process.hrtime.bigint()}`,
    handle: async ({ records }) => {
      for (const record of records) {
        const event = parseDomainEvent(record);
        if (event) events.push(event);
      }
    },
  });
  const of = <T extends DomainEvent>(type: T['type'], jobId: string) =>
    events.filter((event): event is T => event.type === type && event.subject === jobId);
  return {
    pieces: (jobId: string) => of<Piece>('personal-data.piece', jobId).map(({ data }) => data),
    dones: (jobId: string) => of<Done>('personal-data.done', jobId),
    /** The end of learning's part. */
    done: (jobId: string) =>
      eventually(
        () => {
          const [done] = of<Done>('personal-data.done', jobId);
          if (!done) throw new Error('not done yet');
          return done.data;
        },
        { timeoutMs: 30_000 },
      ),
    stop: () => consumer.stop(),
  };
}
