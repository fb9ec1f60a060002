import type { GraphQLAnswer } from '@lyceum/testing';

/** What a call comes to, as far as permissions go: everything but a refusal is ALLOWED. */
export type Outcome = 'ALLOWED' | 'FORBIDDEN' | 'UNAUTHENTICATED';

export function outcomeOf({ errors }: Pick<GraphQLAnswer<unknown>, 'errors'>): Outcome {
  const codes = new Set(errors?.map(({ extensions }) => extensions['code']));
  // A call that our own generator got wrong, or that failed on the way, shows nothing of permissions.
  for (const code of ['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT', 'BAD_REQUEST', 'INTERNAL_SERVER_ERROR'])
    if (codes.has(code)) throw new Error(`The call was not made as it should be: ${JSON.stringify(errors)}`);
  if (codes.has('UNAUTHENTICATED')) return 'UNAUTHENTICATED';
  return codes.has('FORBIDDEN') ? 'FORBIDDEN' : 'ALLOWED';
}
