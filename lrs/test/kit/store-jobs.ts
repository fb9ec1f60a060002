import { gunzipSync } from 'node:zlib';
import { domainEvent, parseDomainEvent, type EventData, type EventLog } from '@lyceum/events';
import { newId } from '@lyceum/service';
import { eventually } from '@lyceum/testing';

type Request = Omit<EventData['store-job.requested'], 'kind'> & {
  kind: EventData['store-job.requested']['kind'] | 'RETENTION';
};
type Progress = EventData['store-job.progressed'];

/** Records, as the LRS sees it: what it asks, and what it is told. */
export interface StoreAsker {
  /** Everything that was told of a job, in its order. */
  told(jobId: string): readonly Progress[];
  ask(request: Partial<Request> & Pick<Request, 'kind'>): Promise<string>;
  cancel(jobId: string, organisationId?: string): Promise<void>;
  /** What is told of a job, once it is so. */
  until(jobId: string, is: (progress: Progress) => boolean): Promise<Progress>;
  /** How a job ended. */
  end(jobId: string): Promise<Progress>;
  stop(): void;
}

export async function createStoreAsker(log: EventLog): Promise<StoreAsker> {
  const all: Progress[] = [];
  const stopping = new AbortController();
  const tail = log.tail({ topic: 'lrs.events', from: 'now', signal: stopping.signal });
  await tail.ready;
  const reading = (async () => {
    for await (const record of tail) {
      const event = parseDomainEvent(record);
      if (event?.type === 'store-job.progressed') all.push(event.data);
    }
  })();
  reading.catch(() => undefined);
  const told = (jobId: string) => all.filter((each) => each.jobId === jobId);
  const until: StoreAsker['until'] = (jobId, is) =>
    eventually(
      () => {
        const found = told(jobId).find(is);
        if (!found) throw new Error(`${jobId} is at ${JSON.stringify(told(jobId).at(-1))}`);
        return found;
      },
      { timeoutMs: 60_000, pauseMs: 20 },
    );
  return {
    told,
    async ask({ kind, ...more }) {
      const data: Request = {
        jobId: newId('storejob'),
        organisationId: 'org_a',
        requestedBy: 'user_01',
        requestedAt: new Date().toISOString(),
        ...more,
        kind,
      };
      const { jobId: subject, organisationId: organisation } = data;
      await log.append([requested(data, { subject, organisation })]);
      return subject;
    },
    async cancel(jobId, organisationId = 'org_a') {
      const data = { jobId, organisationId };
      await log.append([
        domainEvent({ type: 'store-job.cancelled', subject: jobId, organisation: organisationId, data }),
      ]);
    },
    until,
    end: (jobId) => until(jobId, ({ state }) => state !== 'RUNNING' && state !== 'WAITING'),
    stop: () => {
      stopping.abort();
    },
  };
}

/** A retention is asked for by an event of its own. */
function requested({ kind, ...data }: Request, of: { subject: string; organisation: string }) {
  if (kind !== 'RETENTION')
    return domainEvent({ type: 'store-job.requested', ...of, data: { ...data, kind } });
  const { jobId, organisationId, requestedBy, requestedAt, rules = [] } = data;
  const retention = { jobId, organisationId, requestedBy, requestedAt, rules };
  return domainEvent({ type: 'store-retention.requested', ...of, data: retention });
}

/** The lines of a file of an export. */
export function linesOf(file: Uint8Array): string[] {
  return gunzipSync(file).toString('utf8').split('\n').slice(0, -1);
}

/** Statements that ClickHouse has at once, as ingest would have written them: one a second, from an instant on. */
export const manyStatements = (organisation: string, count: number, from = '2025-01-01 00:00:00') => `
  INSERT INTO statements (organisation, id, stored, timestamp, verb, object_type, activity, actor, related_activities,
    related_agents, authority, statement, log_offset)
  SELECT '${organisation}', generateUUIDv4() AS i, toDateTime64('${from}', 6, 'UTC') + number AS s, s,
    'http://adlnet.gov/expapi/verbs/completed', 'Activity', 'http://a.example/1', 'mailto:a@example.org',
    ['http://a.example/1'], ['mailto:a@example.org'], 'mailto:lrs@example.org',
    concat('{"id":"', toString(i), '","actor":{"mbox":"mailto:a@example.org"},',
      '"verb":{"id":"http://adlnet.gov/expapi/verbs/completed"},"object":{"id":"http://a.example/1"},',
      '"authority":{"mbox":"mailto:lrs@example.org"},',
      '"stored":"', formatDateTime(s, '%Y-%m-%dT%H:%i:%S.000000Z', 'UTC'), '",',
      '"timestamp":"', formatDateTime(s, '%Y-%m-%dT%H:%i:%S.000000Z', 'UTC'), '"}'), 1
  FROM numbers(${String(count)})`;
