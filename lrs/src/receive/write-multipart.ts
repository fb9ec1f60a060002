import { uuidV7, type Edition, type Statement } from '@lyceum/xapi';
import { StorageFullError, type AttachmentKeeper } from '../attachments/keep-attachments.ts';
import type { StagedAttachment } from '../attachments/attachment-store.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { AttachmentUse } from '../store/attachments.ts';
import type { Acceptance, AcceptanceRequest } from './accept-statements.ts';
import { attachmentsOf, placedAttachments, type PlacedAttachment } from './attachments-of.ts';
import type { XapiExchange } from './exchange.ts';
import { readMultipart, type MultipartReaderOptions } from './read-multipart.ts';
import { readStatements, type SentStatement, type SentStatements } from './read-statements.ts';
import { requireSignatures } from './statement-signatures.ts';
import { refusals } from './xapi-error.ts';

/** Accepts statements whose attachments come in the same request. */
export interface MultipartWriting {
  /**
   * All of it or nothing: statements are appended once their attachments are durable.
   *
   * @param check what the method asks of the statements; answers the id that the address gives the statement
   * @returns the ids, in the order sent
   * @throws XapiError 400, 413, 503
   */
  write(
    exchange: XapiExchange,
    boundary: string,
    check: (sent: SentStatements) => string | undefined,
  ): Promise<string[]>;
}

export interface MultipartWritingOptions extends MultipartReaderOptions {
  readonly acceptance: Acceptance;
  readonly keeper: AttachmentKeeper;
  readonly storageLimit: number;
  readonly onFailure: (error: unknown) => void;
}

export function createMultipartWriting(o: MultipartWritingOptions): MultipartWriting {
  /** What was parsed is not held while attachments come in: it is parsed again then. */
  async function accept(
    statements: Buffer,
    staged: readonly StagedAttachment[],
    exchange: XapiExchange,
    check: (sent: SentStatements) => string | undefined,
  ): Promise<string[]> {
    const { credential, edition, requestId } = exchange;
    const sent = readStatements(statements, edition, true);
    const id = check(sent);
    await requireSignatures(sent, staged, { edition, inFlight: o.inFlight });
    const named = sent.statements.map((each) => withId(each, id));
    const { organisationId } = credential;
    await o.keeper.keep(organisationId, staged, usesOf(named, staged)).catch(refuse);
    const dropped = new Set<string>();
    const request: AcceptanceRequest = {
      credential,
      edition,
      requestId,
      // They have the ids that were made here.
      again: () => named,
      onDropped: (gone) => {
        for (const each of gone) dropped.add(each);
      },
      ...(id !== undefined && { id }),
    };
    const ids = await o.acceptance.accept(named, request);
    // Where this fails the sweep finds the statements by itself.
    const there = ids.filter((each) => !dropped.has(each));
    if (staged.length > 0) await o.keeper.confirm(organisationId, there).catch(o.onFailure);
    return ids;
  }

  function refuse(error: unknown): never {
    if (error instanceof StorageFullError) throw refusals.attachmentStorageFull(o.storageLimit);
    o.onFailure(error);
    if (isDiskFull(error)) throw refusals.storageFull('the store of attachments');
    throw refusals.unavailable(
      error instanceof UnavailableError ? error.what : 'The database of attachments',
    );
  }

  return {
    async write(exchange, boundary, check) {
      const inspect = (statements: Buffer) => inspected(statements, exchange.edition, check);
      const body = await readMultipart(exchange.request, boundary, inspect, o).catch((error: unknown) => {
        if (error instanceof UnavailableError) refuse(error);
        throw error;
      });
      try {
        return await accept(body.statements, body.staged, exchange, check);
      } finally {
        await body.release();
      }
    },
  };
}

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof UnavailableError)) return false;
  return full.has((error.cause as NodeJS.ErrnoException | undefined)?.code ?? '');
}

function inspected(
  statements: Buffer,
  edition: Edition,
  check: (sent: SentStatements) => string | undefined,
): PlacedAttachment[] {
  const sent = readStatements(statements, edition, true);
  check(sent);
  return sent.statements.flatMap(({ statement }, index) =>
    placedAttachments(statement, sent.isArray ? `[${String(index)}].` : ''),
  );
}

/** A statement with attachments needs its id before it is stamped: they are noted under it. */
function withId(sent: SentStatement, given: string | undefined): SentStatement & { id?: string } {
  const { statement, text } = sent;
  if (attachmentsOf(statement).length === 0) return sent;
  const known = statement.id?.toLowerCase() ?? given;
  if (known !== undefined) return { ...sent, id: known };
  const id = uuidV7();
  return { statement: { ...statement, id }, text: `{"id":"${id}",${text.slice(1)}`, id };
}

function usesOf(
  statements: readonly { readonly statement: Statement; readonly id?: string }[],
  staged: readonly StagedAttachment[],
): AttachmentUse[] {
  const hashes = new Set(staged.map(({ sha2 }) => sha2));
  return statements.flatMap(({ statement, id }) =>
    attachmentsOf(statement).flatMap(({ sha2 }) => {
      const use = { sha2: sha2.toLowerCase(), statementId: id ?? '' };
      return hashes.has(use.sha2) ? [use] : [];
    }),
  );
}
