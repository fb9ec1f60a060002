import type { SentStatement } from './ledger.ts';

/** What all of them are about. */
export const chaosActivity = 'https://example.org/chaos';

/** The statement as it is sent: the mark is its response. */
export function statementOf(
  sent: SentStatement,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const { id, mark, registration, voids } = sent;
  return {
    ...(id !== undefined && { id }),
    actor: { account: { homePage: 'https://example.org', name: `learner ${registration.slice(0, 2)}` } },
    verb: { id: voids ? 'http://adlnet.gov/expapi/verbs/voided' : 'https://example.org/suffered' },
    object: voids ? { objectType: 'StatementRef', id: voids.id } : { id: chaosActivity },
    result: { response: mark },
    context: { registration },
    ...more,
  };
}

/** The mark of a statement that was read; undefined where it is none of ours. */
export function markOf(statement: unknown): string | undefined {
  const { result } = statement as { result?: { response?: string } };
  return result?.response;
}
