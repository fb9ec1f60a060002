import {
  domainEvent,
  parseDomainEvent,
  type DomainEvent,
  type EventData,
  type EventLog,
} from '@lyceum/events';
import { eventually } from '@lyceum/testing';

/** The LRS, as records sees it: what it is asked, and what it tells. */
export interface PlayedLrs {
  /** What was asked about a job, in its order. */
  heard(jobId: string): readonly DomainEvent[];
  untilHeard(jobId: string, type: DomainEvent['type'], times?: number): Promise<DomainEvent>;
  tell(
    progress: Partial<EventData['store-job.progressed']> &
      Pick<EventData['store-job.progressed'], 'jobId' | 'organisationId' | 'revision' | 'state'>,
  ): Promise<void>;
  stop(): void;
}

export async function playLrs(log: EventLog): Promise<PlayedLrs> {
  const events: DomainEvent[] = [];
  const stopping = new AbortController();
  const tail = log.tail({ topic: 'records.events', from: 'now', signal: stopping.signal });
  await tail.ready;
  const reading = (async () => {
    for await (const record of tail) {
      const event = parseDomainEvent(record);
      if (event) events.push(event);
    }
  })();
  reading.catch(() => undefined);
  const heard = (jobId: string) => events.filter(({ subject }) => subject === jobId);
  return {
    heard,
    untilHeard: (jobId, type, times = 1) =>
      eventually(() => {
        const found = heard(jobId).filter((event) => event.type === type)[times - 1];
        if (!found) throw new Error(`${type} of ${jobId} was not heard ${String(times)} times`);
        return found;
      }),
    async tell({ jobId, organisationId, ...more }) {
      const counts = { done: 0, written: 0, known: 0, faulty: 0, bytes: 0, faults: [] };
      const data = { ...counts, jobId, organisationId, ...more };
      await log.append([
        domainEvent({ type: 'store-job.progressed', subject: jobId, organisation: organisationId, data }),
      ]);
    },
    stop: () => {
      stopping.abort();
    },
  };
}
