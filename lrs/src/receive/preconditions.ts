import type { IncomingHttpHeaders } from 'node:http';
import { refusals } from './xapi-error.ts';

/** What a client says must be so of a document: If-Match and If-None-Match (Communication 3.1; RFC 9110, 13.1). */
export interface Preconditions {
  readonly match?: Tags;
  readonly noneMatch?: Tags;
}

/** Any version at all, or one of these. */
type Tags = '*' | readonly Tag[];

interface Tag {
  readonly etag: string;
  /** It may be of other bytes that mean the same: a proxy that compresses makes them. */
  readonly weak: boolean;
}

/** @throws XapiError 400 for a header without a tag */
export function readPreconditions(headers: IncomingHttpHeaders): Preconditions {
  const match = readTags('If-Match', headers['if-match']);
  const noneMatch = readTags('If-None-Match', headers['if-none-match']);
  return { ...(match && { match }), ...(noneMatch && { noneMatch }) };
}

/** Whether the document that is there is what If-Match and If-None-Match ask for. `etag`: without quotes; null: none is. */
export const isMatched = ({ match }: Preconditions, etag: string | null): boolean =>
  match === undefined || (etag !== null && hasTag(match, etag, ({ weak }) => !weak));

export const isNoneMatched = ({ noneMatch }: Preconditions, etag: string | null): boolean =>
  noneMatch === undefined || etag === null || !hasTag(noneMatch, etag, () => true);

export const isConditional = ({ match, noneMatch }: Preconditions): boolean =>
  match !== undefined || noneMatch !== undefined;

function hasTag(tags: Tags, etag: string, counts: (tag: Tag) => boolean): boolean {
  return tags === '*' || tags.some((tag) => tag.etag === etag && counts(tag));
}

/** Clients that compute the SHA-1 themselves leave out the quotes at times, or write it in upper case. */
function readTags(name: string, header: string | undefined): Tags | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  const tags = [...header.matchAll(/(W\/)?(?:"([^"]*)"|([^\s",]+))/g)].map(([, weak, quoted, bare]) => ({
    etag: (quoted ?? bare ?? '').toLowerCase(),
    weak: weak !== undefined,
  }));
  if (tags.length === 0) throw refusals.header(name, 'must be * or ETags (RFC 9110, 13.1)');
  return tags;
}
