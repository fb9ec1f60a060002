import { createHash } from 'node:crypto';
import { HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { createAutomaticQueries, type AutomaticQueries } from './automatic-queries.ts';
import type { Manifest } from './manifest.ts';

/** An operation as it is sent, by any transport. */
export interface SentOperation {
  readonly query?: string | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Finds the documents of operations that are sent by a hash or an id, in place of their text. */
export interface KnownDocuments {
  /**
   * The operation with its document, and without the extension that named it; empty where it has none. By Apollo's protocol
   * (https://www.apollographql.com/docs/apollo-server/performance/apq): `extensions.persistedQuery` is
   * `{ version: 1, sha256Hash }`, alone or with the text that is to be remembered by it.
   *
   * @throws GraphQLError PERSISTED_QUERY_NOT_FOUND (status 200: the client sends the text then), PERSISTED_OPERATION_REQUIRED
   * (403), PERSISTED_QUERY_MISMATCH or BAD_REQUEST (400)
   */
  resolve<O extends SentOperation>(operation: O): O & { readonly query: string };
}

/**
 * @param options.manifest of known clients, as it is now; undefined where there is none
 * @param options.only whether nothing else is accepted
 */
export function createKnownDocuments(options: {
  manifest?: () => Manifest | undefined;
  only?: boolean;
  automatic?: AutomaticQueries;
}): KnownDocuments {
  const { manifest = () => undefined, only = false, automatic = createAutomaticQueries() } = options;

  function found(hash: string): string {
    const query = manifest()?.bodyOf(hash) ?? (only ? undefined : automatic.get(hash));
    if (query === undefined) throw notFound();
    return query;
  }

  function assertAccepted(query: string): void {
    if (only && !(manifest()?.has(query) ?? false)) throw required();
  }

  /** The text of an operation that brings its hash, too. */
  function remembered(hash: string, query: string): string {
    const isRegistered = manifest()?.bodyOf(hash) === query;
    if (!isRegistered && createHash('sha256').update(query).digest('hex') !== hash) throw mismatch();
    assertAccepted(query);
    if (!isRegistered && !only) automatic.set(hash, query);
    return query;
  }

  return {
    resolve(operation) {
      const { extensions } = operation;
      const query = operation.query ?? '';
      const hash = hashOf(extensions);
      if (hash === undefined) {
        if (query !== '') assertAccepted(query);
        return { ...operation, query };
      }
      const { persistedQuery: _persistedQuery, ...others } = extensions ?? {};
      const text = query === '' ? found(hash) : remembered(hash, query);
      return { ...operation, query: text, extensions: others };
    },
  };
}

function hashOf(extensions: SentOperation['extensions']): string | undefined {
  const asked = extensions?.['persistedQuery'];
  if (asked === undefined || asked === null) return undefined;
  const { version, sha256Hash } = asked as { version?: unknown; sha256Hash?: unknown };
  if (version === 1 && typeof sha256Hash === 'string' && sha256Hash !== '') return sha256Hash;
  throw refusal(400, 'BAD_REQUEST', '`extensions.persistedQuery` must be { version: 1, sha256Hash: "…" }.');
}

/** Clients know it by this very message. No cache may keep it: the next one may know the text. */
function notFound(): GraphQLError {
  const headers = new HeaderMap([['cache-control', 'no-store']]);
  return new GraphQLError('PersistedQueryNotFound', {
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', http: { status: 200, headers } },
  });
}

function required(): GraphQLError {
  const message = 'Only operations that were registered beforehand are accepted here.';
  return refusal(403, 'PERSISTED_OPERATION_REQUIRED', message);
}

function mismatch(): GraphQLError {
  return refusal(
    400,
    'PERSISTED_QUERY_MISMATCH',
    '`sha256Hash` is not the SHA-256 hash of the query, in hexadecimal.',
  );
}

function refusal(status: number, code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status } } });
}
