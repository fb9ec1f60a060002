import { conflict, type Viewer } from '@lyceum/service';
import type { ArchiveFile, PrivacyJob } from '../../store/privacy-jobs.ts';
import type { Database } from '../../store/store.ts';
import { holdings } from './holders.ts';
import type { PrivacyJobs } from './jobs.ts';

export interface Archive {
  readonly jobId: string;
  readonly gatheredAt: Date;
  /** What is what, for people and programs. */
  readonly manifest: object;
  readonly files: readonly {
    /** Such as `learning/enrolments.jsonl`. */
    readonly path: string;
    /** Part by part, of which none is read before the one before was taken. */
    readonly content: () => AsyncGenerator<string>;
  }[];
}

export type Archives = ReturnType<typeof createArchives>;

/** What was gathered of a person, to be taken out. */
export function createArchives({
  store,
  jobs,
  publicUrl,
}: {
  store: Database;
  jobs: PrivacyJobs;
  publicUrl: string;
}) {
  async function* contentOf(jobId: string, { service, first, last }: ArchiveFile): AsyncGenerator<string> {
    for (let place = first; place <= last; place += 1) {
      const piece = await store.privacyJobs.selectPiece(jobId, service, place);
      // Cut short, the archive would look whole.
      if (!piece) throw new Error(`The archive of ${jobId} was deleted while it was read.`);
      yield piece.content;
    }
  }

  return {
    /** Where the archive of a job is to be had; null where there is none, yet or any more. */
    urlOf: (job: PrivacyJob): string | null =>
      hasArchive(job) ? `${publicUrl}/people/personal-data/${job.id}` : null,

    /** @throws NOT_FOUND, FORBIDDEN; CONFLICT where there is none, yet or any more */
    async open(viewer: Viewer, jobId: string): Promise<Archive> {
      const job = await jobs.requireArchive(viewer, jobId);
      if (!hasArchive(job))
        throw conflict('There is no archive: it is not ready yet, or its time is over. Ask for a new one.');
      const files = await store.privacyJobs.selectFiles(jobId);
      const [organisation] = await store.organisations.selectMany([job.organisationId]);
      return {
        jobId,
        gatheredAt: job.finishedAt ?? job.createdAt,
        manifest: manifestOf(job, organisation?.name ?? '', files),
        files: files.map((file) => ({ path: pathOf(file), content: () => contentOf(jobId, file) })),
      };
    },
  };
}

const hasArchive = ({ kind, state }: PrivacyJob) => kind === 'EXPORT' && state === 'DONE';

const pathOf = ({ service, file }: ArchiveFile) => `${service}/${file}`;

function manifestOf(job: PrivacyJob, organisation: string, files: readonly ArchiveFile[]) {
  return {
    what: 'What an organisation holds of a person. Each .jsonl file has one JSON object a line.',
    job: job.id,
    person: job.userId,
    organisation: { id: job.organisationId, name: organisation },
    askedFor: job.createdAt,
    gathered: job.finishedAt,
    services: job.parts.map(({ service, report }) => ({
      service,
      holds: holdings[service] ?? '',
      files: files.filter((file) => file.service === service).map(pathOf),
      rows: Object.fromEntries(report.map(({ what, count }) => [what, count])),
    })),
  };
}
