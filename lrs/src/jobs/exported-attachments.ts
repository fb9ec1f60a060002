import type { AttachmentStore } from '../attachments/attachment-store.ts';
import type { FoundStatement } from '../query/select-statements.ts';
import type { SizedAttachment } from '../store/attachments.ts';
import type { StoreJob } from '../store/store-jobs.ts';
import type { Database } from '../store/store.ts';

/** The bytes of attachments in an export: lines of their own, right before the statement that first names them. */
export interface ExportedAttachments {
  /** By statement, the attachments that no line has yet; they are added to `written`. */
  selectFirstUses(
    job: Pick<StoreJob, 'id' | 'organisationId'>,
    found: readonly FoundStatement[],
    written: Set<string>,
  ): Promise<Map<string, SizedAttachment[]>>;
  lines(organisationId: string, attachment: SizedAttachment): AsyncGenerator<string>;
}

/** A multiple of three: base64 of each line ends without padding, and a line is a megabyte. */
const bytesOfLine = 768 * 1024;

export function createExportedAttachments(o: {
  database: Pick<Database, 'attachments' | 'storeJobFiles'>;
  store: AttachmentStore;
}): ExportedAttachments {
  return {
    async selectFirstUses({ id: jobId, organisationId }, found, written) {
      const ids = found.map(({ id }) => id);
      const uses = await o.database.attachments.selectUses(organisationId, ids);
      const named = [...new Set(uses.map(({ sha2 }) => sha2))].filter((sha2) => !written.has(sha2));
      if (named.length === 0) return new Map();
      const unwritten = await o.database.storeJobFiles.selectUnwrittenAttachments(jobId, named);
      const sized = await o.database.attachments.select(organisationId, [...unwritten]);
      const bySha2 = new Map(sized.map((each) => [each.sha2, each]));
      const first = new Map<string, SizedAttachment[]>();
      for (const id of ids) {
        for (const { sha2 } of uses.filter(({ statementId }) => statementId === id)) {
          const attachment = bySha2.get(sha2);
          if (attachment === undefined || written.has(sha2)) continue;
          written.add(sha2);
          first.set(id, [...(first.get(id) ?? []), attachment]);
        }
      }
      return first;
    },

    async *lines(organisationId, { sha2, bytes }) {
      const content = await o.store.selectOptional({ organisationId, sha2 });
      // Swept since: no statement names it any more.
      if (content === null) return;
      let at = 0;
      for await (const piece of inPieces(content as AsyncIterable<Buffer>)) {
        const attachment = { sha2, bytes, at, base64: piece.toString('base64') };
        yield `${JSON.stringify({ attachment })}\n`;
        at += piece.length;
      }
      if (at === 0) yield `${JSON.stringify({ attachment: { sha2, bytes, at, base64: '' } })}\n`;
    },
  };
}

/** The same bytes in pieces of one size. */
async function* inPieces(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting = Buffer.alloc(0);
  for await (const chunk of content) {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= bytesOfLine) {
      yield waiting.subarray(0, bytesOfLine);
      waiting = waiting.subarray(bytesOfLine);
    }
  }
  if (waiting.length > 0) yield waiting;
}
