import type { ConnectionSource } from '@lyceum/graphql';
import { DomainError, expanded, invalid, newId, ROLES, type Viewer } from '@lyceum/service';
import type { PeopleImport, PeopleImportFault } from '../../store/imports.ts';
import type { Database } from '../../store/store.ts';
import { actorOf, recordAct } from '../audit.ts';
import { checkedName } from '../checked-text.ts';
import { requireAll, requireNow } from '../require-now.ts';
import type { ImportWorker } from './worker.ts';

/** Of a file, in bytes. */
const longestFile = 64 * 1_024 * 1_024;
const pieceSize = 256 * 1_024;
/** How long an upload may say nothing before another may begin. */
const uploadLeaseMs = 60_000;

export type Imports = ReturnType<typeof createImports>;

/** Files of people, given in and asked about; a worker (worker.ts) does what they say. */
export function createImports({ store, worker }: { store: Database; worker: ImportWorker }) {
  const leasedUntil = () => new Date(Date.now() + uploadLeaseMs);

  /** @throws FORBIDDEN, CONFLICT */
  async function begin(viewer: Viewer, fileName: string, dryRun: boolean): Promise<PeopleImport> {
    const { organisationId, userId } = viewer;
    return store.transaction(async (tx) => {
      // A file may give any built-in role.
      requireAll(await requireNow(tx, viewer, 'user.import'), expanded(ROLES));
      await tx.imports.deleteLostUploads(organisationId, new Date());
      const id = newId('import');
      const job = { id, organisationId, userId, fileName, dryRun, leasedUntil: leasedUntil() };
      const begun = await tx.imports.insertOptional(job);
      if (!begun)
        throw new DomainError('CONFLICT', 'An import is under way in the organisation: wait for its end.');
      await recordAct(tx, {
        act: 'people-import.create',
        by: actorOf(viewer),
        organisationId,
        subjectId: id,
        changes: { fileName: [null, fileName], dryRun: [null, dryRun] },
      });
      return begun;
    });
  }

  async function keep({ id, organisationId }: PeopleImport, content: AsyncIterable<Buffer>): Promise<void> {
    let size = 0;
    let place = 0;
    for await (const piece of inPieces(content)) {
      size += piece.length;
      if (size > longestFile) throw new DomainError('TOO_LARGE', `A file has ${longestFile} bytes at most.`);
      const lease = leasedUntil();
      const kept = await store.transaction((tx) =>
        tx.imports.insertPiece({ id, organisationId }, place, piece, lease),
      );
      if (kept === 0) throw new DomainError('CONFLICT', 'The upload took too long, and was given up.');
      place += 1;
    }
    if (size === 0) throw invalid(['body'], 'The file is empty.');
  }

  return {
    /** Those that were given in, the newest first. */
    listed: ({ organisationId }: Viewer): ConnectionSource<PeopleImport> => ({
      rows: (page) => store.imports.selectPage(organisationId, page),
      key: ({ id }) => [id],
      count: () => store.imports.count(organisationId),
    }),

    /** What is wrong in the file of an import that is the viewer's organisation's. */
    faultsOf: ({ id: importId }: PeopleImport): ConnectionSource<PeopleImportFault> => ({
      rows: (page) => store.imports.selectPageOfFaults(importId, page),
      key: ({ id }) => [id.toString()],
      count: () => store.imports.countFaults(importId),
    }),

    /**
     * Takes a file in, piece by piece, and leaves it to a worker once it is whole.
     *
     * @throws FORBIDDEN, INVALID; CONFLICT where an import is under way; TOO_LARGE
     */
    async upload(
      viewer: Viewer,
      input: { fileName: string; dryRun: boolean; content: AsyncIterable<Buffer> },
    ): Promise<PeopleImport> {
      const fileName = checkedName(['fileName'], input.fileName);
      const job = await begin(viewer, fileName, input.dryRun);
      try {
        await keep(job, input.content);
        const uploaded = await store.imports.updateUploaded(viewer.organisationId, job.id);
        if (!uploaded) throw new DomainError('CONFLICT', 'The upload took too long, and was given up.');
        worker.wake();
        return uploaded;
      } catch (error) {
        await store.imports.deleteUpload(viewer.organisationId, job.id);
        throw error;
      }
    },
  };
}

/** The same bytes in pieces of one size, whatever came at once over the network. */
async function* inPieces(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < pieceSize) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(waiting);
}
