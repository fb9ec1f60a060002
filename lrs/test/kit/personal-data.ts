import { domainEvent, parseDomainEvent, type EventLog } from '@lyceum/events';
import type { PersonalDataDone, PersonalDataPiece, PersonalDataRequest } from '@lyceum/events/personal-data';
import { eventually } from '@lyceum/testing';
import { publicUrl, type Ground } from './lrs.ts';

/** Identity, as the LRS sees it: what it asks, and what it is told. */
export interface Asker {
  readonly pieces: PersonalDataPiece[];
  readonly done: PersonalDataDone[];
  /** @param times how often the log brings the event */
  ask(
    request: Partial<PersonalDataRequest> & Pick<PersonalDataRequest, 'kind'>,
    times?: number,
  ): Promise<string>;
  /** The answer, once it is there. */
  answer(jobId: string): Promise<PersonalDataDone>;
  /** The text of the file that the pieces of a job make, each taken once. */
  file(jobId: string): string;
  stop(): void;
}

let jobs = 0;

export async function createAsker(log: EventLog): Promise<Asker> {
  const pieces: PersonalDataPiece[] = [];
  const done: PersonalDataDone[] = [];
  const stopping = new AbortController();
  const tail = log.tail({ topic: 'lrs.events', from: 'now', signal: stopping.signal });
  await tail.ready;
  const reading = (async () => {
    for await (const record of tail) {
      const event = parseDomainEvent(record);
      if (event?.type === 'personal-data.piece') pieces.push(event.data);
      if (event?.type === 'personal-data.done') done.push(event.data);
    }
  })();
  reading.catch(() => undefined);
  return {
    pieces,
    done,
    async ask({ kind, ...more }, times = 1) {
      jobs += 1;
      const data = {
        jobId: `privacyjob_${String(jobs)}`,
        organisationId: 'org_a',
        userId: 'user_ada',
        emails: ['ada@example.org'],
        homePage: publicUrl,
        requestedAt: new Date().toISOString(),
        ...more,
        kind,
      };
      const event = domainEvent({
        type: 'personal-data.requested',
        subject: data.userId,
        organisation: data.organisationId,
        data,
      });
      await log.append(Array.from({ length: times }, () => event));
      return data.jobId;
    },
    answer: (jobId) =>
      eventually(
        () => {
          const found = done.find((each) => each.jobId === jobId);
          if (!found) throw new Error(`${jobId} is not answered`);
          return found;
        },
        { timeoutMs: 60_000 },
      ),
    file(jobId) {
      const byPlace = new Map(
        pieces.filter((each) => each.jobId === jobId).map(({ place, content }) => [place, content]),
      );
      return [...byPlace]
        .sort(([one], [other]) => one - other)
        .map(([, content]) => content)
        .join('');
    },
    stop() {
      stopping.abort();
    },
  };
}

/** All rows of all tables, of one organisation where they say so: the tables that will be there, too. */
export async function dump(
  { clickHouse }: Pick<Ground, 'clickHouse'>,
  organisation?: string,
): Promise<string> {
  const select = async (query: string) =>
    (await clickHouse.query({ query, format: 'TabSeparatedRaw' })).text();
  const tables = (
    await select(
      `SELECT name, (SELECT count() FROM system.columns c WHERE c.database = currentDatabase() AND c.table = t.name
         AND c.name = 'organisation') FROM system.tables t
       WHERE database = currentDatabase() AND engine NOT IN ('MaterializedView', 'View', 'Null')`,
    )
  )
    .trim()
    .split('\n')
    .map((row) => row.split('\t'));
  const rows = tables.map(([name = '', isOfOrganisations]) =>
    select(
      `SELECT * FROM ${name} ${organisation && isOfOrganisations === '1' ? `WHERE organisation = '${organisation}'` : ''}`,
    ),
  );
  return (await Promise.all(rows)).join('\n');
}
