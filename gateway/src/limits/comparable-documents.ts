import { GraphQLError, parse } from 'graphql';
import type { KnownDocuments } from '../persisted/known-documents.ts';
import { createRecentlyUsed, type Sized } from '../recently-used.ts';
import { comparisonsIn } from './comparisons.ts';

/** What people and their tools write has some thousands. So many take validation 20 ms. */
const mostComparisons = 50_000;

/** Characters: fields of one name in less than that are compared in a few milliseconds. */
const harmless = 1_000;

/** Characters of documents that are known to be fine. */
const remembered = 8 * 2 ** 20;

/**
 * Refuses documents that repeat fields so often that to validate them would hold up everybody: before they are validated, over
 * all transports. What is large is parsed once more for it, the first time that it is sent.
 *
 * @throws GraphQLError OPERATION_TOO_REPETITIVE, besides what `documents` throws
 */
export function comparableDocuments(documents: KnownDocuments, maxLexicalTokens: number): KnownDocuments {
  const known = createRecentlyUsed<Sized>(remembered);

  function assertComparable(text: string): void {
    if (text.length < harmless || known.get(text)) return;
    const document = parsed(text, maxLexicalTokens);
    if (document && comparisonsIn(document, mostComparisons) > mostComparisons) throw tooRepetitive();
    known.set(text, { size: text.length });
  }

  return {
    resolve(operation) {
      const resolved = documents.resolve(operation);
      assertComparable(resolved.query);
      return resolved;
    },
  };
}

/** What cannot be parsed is refused where it is parsed in earnest. */
function parsed(text: string, maxLexicalTokens: number) {
  try {
    return parse(text, { maxLexicalTokens, noLocation: true });
  } catch {
    return undefined;
  }
}

function tooRepetitive(): GraphQLError {
  const message =
    'The operation selects fields of the same name too often, with its fragments expanded: ' +
    `to compare each with each takes more than ${mostComparisons} comparisons. Select each once, or under an alias.`;
  return new GraphQLError(message, {
    extensions: { code: 'OPERATION_TOO_REPETITIVE', limit: mostComparisons, http: { status: 400 } },
  });
}
