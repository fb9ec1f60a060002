import type { DocumentStore } from '../store/documents.ts';
import type { DocumentsRequest } from './document-parameters.ts';
import type { Answer } from './exchange.ts';

/** Ids that are held at a time; each has a thousand bytes at most. */
const pageLength = 1_000;

/**
 * The ids of a context's documents as an array of JSON, in order of their code points. A list that is longer than a page
 * is read from the database as the client takes it.
 */
export async function idList(
  documents: DocumentStore,
  { context, since }: DocumentsRequest,
): Promise<Answer> {
  const select = (after: string) => documents.selectIds(context, { after, limit: pageLength, since });
  const newest = await documents.selectNewest(context, since);
  const first = newest === null ? [] : await select('');
  return {
    status: 200,
    body: first.length < pageLength ? JSON.stringify(first) : listText(first, select),
    ...(newest && { headers: { 'last-modified': newest.toUTCString() } }),
  };
}

async function* listText(
  first: readonly string[],
  select: (after: string) => Promise<readonly string[]>,
): AsyncGenerator<string> {
  let page = first;
  for (let start = '['; page.length > 0; start = ',') {
    yield start + page.map((id) => JSON.stringify(id)).join(',');
    page = page.length < pageLength ? [] : await select(page.at(-1) ?? '');
  }
  yield ']';
}
