import type { HTTPGraphQLRequest } from '@apollo/server';
import type { KnownDocuments, SentOperation } from './known-documents.ts';

/**
 * The request with the document of its operation, for POST and GET.
 *
 * @throws GraphQLError as KnownDocuments does
 */
export function withDocument(request: HTTPGraphQLRequest, documents: KnownDocuments): HTTPGraphQLRequest {
  if (request.method === 'GET')
    return { ...request, search: withDocumentInSearch(request.search, documents) };
  const { body } = request;
  // What is no operation is for Apollo Server to refuse.
  if (typeof body !== 'object' || body === null || Array.isArray(body) || !isSent(body)) return request;
  return { ...request, body: documents.resolve(body) };
}

function isSent(body: object): body is SentOperation {
  const { query, extensions } = body as Record<string, unknown>;
  return (
    ['string', 'undefined'].includes(typeof (query ?? undefined)) && typeof (extensions ?? {}) === 'object'
  );
}

function withDocumentInSearch(search: string, documents: KnownDocuments): string {
  const parameters = new URLSearchParams(search);
  const extensions = objectIn(parameters.get('extensions'));
  const query = parameters.get('query') ?? undefined;
  if (parameters.has('extensions') && !extensions) return search;
  const resolved = documents.resolve({ query, extensions });
  if (resolved.query !== '') parameters.set('query', resolved.query);
  if (resolved.extensions) parameters.set('extensions', JSON.stringify(resolved.extensions));
  return `?${parameters.toString()}`;
}

function objectIn(text: string | null): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text ?? '') as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
