import type { Staging } from '../attachments/staging.ts';
import { TooManyBytesError, WrongHashError } from '../attachments/staging.ts';
import type { StagedAttachment } from '../attachments/attachment-store.ts';
import type { StoreJobFault } from '../store/store-jobs.ts';
import type { ImportLine } from './import-lines.ts';
import { readImported, type ImportedStatement } from './imported-statement.ts';

/** What is taken in together: valid statements with different ids, and the attachments that came before them. */
export interface ImportBatch {
  readonly statements: ImportedStatement[];
  readonly attachments: StagedAttachment[];
  readonly faults: StoreJobFault[];
  /** The last line that was read. */
  line: number;
  /** Lines with a statement, also a faulty one. */
  count: number;
  isLast: boolean;
}

const mostStatements = 500;
const mostBytes = 2 ** 20;

interface AttachmentLine {
  readonly sha2: string;
  readonly bytes: number;
  readonly at: number;
  readonly base64: string;
}

/** Makes batches of lines. A batch ends before an attachment, so that what is read again after a crash is whole. */
export function createImportReader(o: {
  lines: AsyncGenerator<ImportLine>;
  staging: Staging;
  jobId: string;
  keepsOriginals: boolean;
}) {
  let ahead: ImportLine | undefined;

  async function peek(): Promise<ImportLine | undefined> {
    if (ahead === undefined) {
      const next = await o.lines.next();
      ahead = next.done ? undefined : next.value;
    }
    return ahead;
  }

  /** The bytes of one attachment, as far as its lines follow each other. */
  async function* bytesOf(first: AttachmentLine, batch: ImportBatch): AsyncGenerator<Buffer> {
    let at = 0;
    for (let line = await peek(); line; line = await peek()) {
      const found = attachmentOf(line);
      if (found?.sha2 !== first.sha2 || found.at !== at) return;
      const bytes = Buffer.from(found.base64, 'base64');
      at += bytes.length;
      batch.line = line.number;
      ahead = undefined;
      yield bytes;
      if (at >= found.bytes) return;
    }
  }

  async function takeAttachment(first: AttachmentLine, line: ImportLine, batch: ImportBatch): Promise<void> {
    const fault = (reason: string) => {
      batch.faults.push({ line: line.number, path: 'attachment', reason });
    };
    if (!/^(?:[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/.test(first.sha2) || first.at !== 0) {
      batch.line = line.number;
      ahead = undefined;
      fault('is not the first line of an attachment with its hash (SHA-2, lower case)');
      return;
    }
    try {
      batch.attachments.push(await o.staging.stage(first.sha2, bytesOf(first, batch)));
    } catch (error) {
      if (error instanceof WrongHashError) fault('has another hash than it says');
      else if (error instanceof TooManyBytesError) fault('is larger than an attachment may be');
      else throw error;
    }
  }

  return {
    /** Passes by what was taken in before. */
    async skip(lines: number): Promise<void> {
      for (let line = await peek(); line && line.number <= lines; line = await peek()) ahead = undefined;
    },

    async next(from: number): Promise<ImportBatch> {
      const batch: ImportBatch = {
        ...{ statements: [], attachments: [], faults: [] },
        ...{ line: from, count: 0, isLast: false },
      };
      const ids = new Set<string>();
      let size = 0;
      for (let line = await peek(); batch.count < mostStatements && size < mostBytes; line = await peek()) {
        if (line === undefined) {
          batch.isLast = true;
          break;
        }
        const attachment = attachmentOf(line);
        if (attachment !== undefined) {
          if (batch.count > 0) break;
          await takeAttachment(attachment, line, batch);
          continue;
        }
        const read = readImported(line, o);
        if ('id' in read) {
          if (ids.has(read.id)) break;
          ids.add(read.id);
          batch.statements.push(read);
          size += read.sent.text.length;
        } else batch.faults.push(read);
        batch.count += 1;
        batch.line = line.number;
        ahead = undefined;
      }
      return batch;
    },

    async close(): Promise<void> {
      await o.lines.return(undefined);
    },
  };
}

export type ImportReader = ReturnType<typeof createImportReader>;

const beginning = '{"attachment":';

/** Undefined for a line that is something else. */
function attachmentOf({ bytes }: ImportLine): AttachmentLine | undefined {
  if (bytes?.subarray(0, beginning.length).toString('latin1') !== beginning) return undefined;
  try {
    const { attachment } = JSON.parse(bytes.toString()) as { attachment?: Partial<AttachmentLine> };
    const { sha2, bytes: length, at, base64 } = attachment ?? {};
    if (typeof sha2 !== 'string' || typeof length !== 'number') return undefined;
    if (typeof at !== 'number' || typeof base64 !== 'string') return undefined;
    return { sha2, bytes: length, at, base64 };
  } catch {
    return undefined;
  }
}
