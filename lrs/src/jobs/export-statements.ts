import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { StatementPlace } from '@lyceum/xapi/query';
import type { FoundStatement } from '../query/select-statements.ts';
import type { StoreJob } from '../store/store-jobs.ts';
import type { Database } from '../store/store.ts';
import type { ExportedStatements } from './exported-statements.ts';
import type { ExportedAttachments } from './exported-attachments.ts';
import type { JobFiles } from './job-files.ts';
import type { StoreJobStep, StoreJobWork } from './job-worker.ts';

/** How long the file of an export can be had. */
const keptMs = 7 * 24 * 60 * 60_000;

/** Some twelve megabytes before they are compressed, a few hundred milliseconds of work. */
const statementsOfPart = 20_000;

/** Where an export goes on. */
interface Place extends Record<string, unknown> {
  readonly parts: number;
  readonly after?: StatementPlace;
}

/**
 * An organisation's statements to a file: JSON Lines, in order of `stored`, as they are kept. The file is in parts, each a
 * member of gzip by itself (RFC 1952, 2.2: one behind another they are one file). A part counts in the transaction that
 * notes where the next begins: a crash repeats one part, and no line.
 */
export function createExportWork(o: {
  store: Database;
  files: JobFiles;
  statements: ExportedStatements;
  attachments: ExportedAttachments;
  /** Resolves once ClickHouse has all that was on the log when it was called. */
  untilIngested: (signal: AbortSignal) => Promise<void>;
}): StoreJobWork {
  const { store, files, statements, attachments, untilIngested } = o;

  async function begin({ request }: StoreJob, signal: AbortSignal): Promise<StoreJobStep> {
    await untilIngested(signal);
    return { change: { place: { parts: 0 }, total: BigInt(await statements.count(request)) } };
  }

  /** The next lines, noting what they were. */
  async function* linesOf(job: StoreJob, part: Part, signal: AbortSignal): AsyncGenerator<string> {
    const { after } = job.place as Place;
    for await (const found of statements.read(job.request, after, statementsOfPart, signal)) {
      if (job.request.attachments) yield* withAttachments(job, found, part);
      else yield found.map(({ text }) => `${text}\n`).join('');
      part.count += found.length;
      part.last = found.at(-1) ?? part.last;
    }
  }

  async function* withAttachments(
    { id, organisationId }: StoreJob,
    found: readonly FoundStatement[],
    part: Part,
  ): AsyncGenerator<string> {
    const uses = await attachments.selectFirstUses({ id, organisationId }, found, part.attachments);
    for (const { id: statementId, text } of found) {
      for (const attachment of uses.get(statementId) ?? [])
        yield* attachments.lines(organisationId, attachment);
      yield `${text}\n`;
    }
  }

  async function writePart(job: StoreJob, signal: AbortSignal): Promise<StoreJobStep> {
    const place = job.place as Place;
    const part: Part = { count: 0, last: undefined, attachments: new Set() };
    const zipped = createGzip({ level: 4 });
    const lines = Readable.from(linesOf(job, part, signal), { objectMode: false });
    lines.on('error', (error) => zipped.destroy(error));
    const staged = await files.stage(lines.pipe(zipped)).finally(() => lines.destroy());
    await store.storeJobFiles.insert(job.id, staged);
    await files.insert(job.id, staged);
    const { sha2, bytes } = staged;
    const isLast = part.count < statementsOfPart;
    const { stored = '', id = '' } = part.last ?? {};
    return {
      change: {
        place: { parts: place.parts + 1, ...(part.last ? { after: { stored, id } } : {}) },
        done: job.done + BigInt(part.count),
        written: job.written + BigInt(part.count),
        bytes: job.bytes + BigInt(bytes),
        ...(isLast && { state: 'DONE', expiresAt: new Date(Date.now() + keptMs) }),
      },
      async write(tx) {
        await tx.storeJobFiles.updatePlace(job.id, sha2, place.parts);
        await tx.storeJobFiles.insertAttachments(job.id, [...part.attachments]);
      },
    };
  }

  return {
    step: (job, signal) => (job.place['parts'] === undefined ? begin(job, signal) : writePart(job, signal)),
  };
}

/** What a part has come to. */
interface Part {
  count: number;
  last: FoundStatement | undefined;
  readonly attachments: Set<string>;
}
