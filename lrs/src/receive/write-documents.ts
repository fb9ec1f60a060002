import { isUtf8 } from 'node:buffer';
import { isObjectText, mergeObjects, type Edition } from '@lyceum/xapi';
import type { DocumentContent, DocumentContext, DocumentStore, DocumentVersion } from '../store/documents.ts';
import type { InFlight } from './in-flight.ts';
import { createInTurn } from './in-turn.ts';
import { isConditional, isMatched, isNoneMatched, type Preconditions } from './preconditions.ts';
import { refusals, type XapiError } from './xapi-error.ts';

/** One document that is to change, and what must be so of it. */
export interface DocumentTarget {
  readonly context: DocumentContext;
  readonly id: string;
  readonly preconditions: Preconditions;
  readonly edition: Edition;
}

/**
 * Changes documents. What was decided upon a version is only written in its place: where another process was quicker, it
 * is decided anew. So of two writers with the same If-Match one succeeds, and of two merges none is lost. Within this
 * process they come one after the other, so that many on one document need not try many times.
 */
export interface DocumentWrites {
  /** @throws XapiError 412; 409 where a document is there and nothing says which is meant; 400 where it must be said */
  put(target: DocumentTarget, content: DocumentContent): Promise<void>;
  /** Merges an object of JSON into another; makes a document where there is none. @throws XapiError 400, 412, 413, 503 */
  post(target: DocumentTarget, content: DocumentContent): Promise<void>;
  /** @throws XapiError 412 */
  delete(target: DocumentTarget): Promise<void>;
}

export interface DocumentWritesOptions {
  readonly documents: DocumentStore;
  readonly inFlight: InFlight;
  /** Bytes of one document. */
  readonly limit: number;
}

/** As many other processes may be quicker. */
const mostTries = 50;

export function createDocumentWrites({ documents, inFlight, limit }: DocumentWritesOptions): DocumentWrites {
  const inTurn = createInTurn();

  /** @param attempt answers whether it found what it was decided upon */
  function decide({ context, id }: DocumentTarget, attempt: () => Promise<boolean>): Promise<void> {
    return inTurn(JSON.stringify([context, id]), async () => {
      for (let tries = 0; tries < mostTries; tries += 1) if (await attempt()) return;
      throw refusals.overloaded();
    });
  }

  const replace = (
    { context, id }: DocumentTarget,
    content: DocumentContent,
    before: DocumentVersion | null,
  ): Promise<boolean> =>
    before === null
      ? documents.insert(context, id, content)
      : documents.update(context, id, { content, before });

  async function putOnce(target: DocumentTarget, content: DocumentContent): Promise<boolean> {
    const { context, id } = target;
    if (!isConditional(target.preconditions) && isFree(target)) {
      await documents.upsert(context, id, content);
      return true;
    }
    const before = await documents.selectOptionalVersion(context, id);
    requirePreconditions(target, before);
    requireCondition(target, before);
    return replace(target, content, before);
  }

  async function postOnce(target: DocumentTarget, posted: DocumentContent): Promise<boolean> {
    const before = await documents.selectOptional(target.context, target.id);
    requirePreconditions(target, before);
    if (before === null) {
      if (isJson(posted)) objectText(posted, refusals.notMergeable('What was sent'));
      return replace(target, posted, null);
    }
    // What was there, as bytes and as text, and what becomes of it.
    const held = 3 * before.bytes.length;
    inFlight.reserve(held);
    try {
      return await replace(target, merged(before, posted, limit), before);
    } finally {
      inFlight.release(held);
    }
  }

  async function deleteOnce(target: DocumentTarget): Promise<boolean> {
    const { context, id } = target;
    const before = await documents.selectOptionalVersion(context, id);
    requirePreconditions(target, before);
    return before === null || (await documents.delete(context, id, before));
  }

  return {
    put: (target, content) => decide(target, () => putOnce(target, content)),
    post: (target, content) => decide(target, () => postOnce(target, content)),
    delete: (target) => decide(target, () => deleteOnce(target)),
  };
}

/** Conflicts of state are unlikely, says 1.0.3, and lets every PUT through; 2.0 no longer does. */
const isFree = ({ context, edition }: DocumentTarget) => context.kind === 'STATE' && edition === '1.0';

function requirePreconditions({ preconditions }: DocumentTarget, before: DocumentVersion | null): void {
  const etag = before?.etag ?? null;
  if (!isMatched(preconditions, etag)) throw refusals.precondition('If-Match', etag);
  if (!isNoneMatched(preconditions, etag)) throw refusals.precondition('If-None-Match', etag);
}

/** 1.0.3 wants a precondition of every PUT of a profile; 2.0 of every one that would replace something (both 3.1). */
function requireCondition({ preconditions, edition }: DocumentTarget, before: DocumentVersion | null): void {
  if (isConditional(preconditions)) return;
  if (before !== null) throw refusals.documentExists(before.etag);
  if (edition === '1.0') throw refusals.noPrecondition();
}

function merged(existing: DocumentContent, posted: DocumentContent, limit: number): DocumentContent {
  const text = mergeObjects(
    objectText(existing, refusals.notMergeable('The document that is there')),
    objectText(posted, refusals.notMergeable('What was sent')),
  );
  const bytes = Buffer.from(text);
  if (bytes.length > limit) throw refusals.documentTooLarge(limit);
  return { contentType: existing.contentType, bytes };
}

const isJson = ({ contentType }: DocumentContent) =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';

function objectText(content: DocumentContent, refusal: XapiError): string {
  const { bytes } = content;
  if (!isJson(content) || !isUtf8(bytes)) throw refusal;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  if (!isObjectText(text)) throw refusal;
  return text;
}
