import { join } from 'node:path';
import { createEventLog, domainEvent, parseDomainEvent } from '@lyceum/events';
import { createLogger, newId } from '@lyceum/service';

/** Has a store drop what was stored before an instant, as records would ask it to; how many went, once they are gone. */
export async function dropBefore(directory: string, organisationId: string, before: Date): Promise<number> {
  const log = await createEventLog({
    directory: join(directory, 'store', 'data', 'log'),
    clientId: 'bench-retention',
    logger: createLogger({ service: 'bench', level: 'error' }),
  });
  const ending = new AbortController();
  try {
    const tail = log.tail({ topic: 'lrs.events', from: 'now', signal: ending.signal });
    await tail.ready;
    const jobId = newId('storejob');
    const data = {
      ...{ jobId, organisationId, requestedBy: organisationId },
      ...{ requestedAt: new Date().toISOString(), rules: [{ before: before.toISOString() }] },
    };
    const of = { subject: jobId, organisation: organisationId };
    await log.append([domainEvent({ type: 'store-retention.requested', ...of, data })]);
    for await (const record of tail) {
      const event = parseDomainEvent(record);
      if (event?.type !== 'store-job.progressed' || event.data.jobId !== jobId) continue;
      if (event.data.state === 'DONE') return event.data.written;
      if (event.data.state !== 'RUNNING') throw new Error(event.data.failure ?? event.data.state);
    }
    throw new Error('the retention was not told of to its end');
  } finally {
    ending.abort();
    await log.close();
  }
}
