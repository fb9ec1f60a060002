import { expectedFailure } from './expected-failure.ts';

export interface UserErrorShape<Code extends string = string> {
  readonly field: readonly string[] | null;
  readonly message: string;
  readonly code: Code;
}

/** These say nothing of the input, but that it was not looked at: GraphQL errors, not part of a mutation's answer. */
const denials = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'UNAVAILABLE']);

/**
 * A mutation's payload: what `action` answers, or the expected failure that it met as `userErrors`.
 * What is not expected is thrown on.
 */
export async function payload<Result extends object, Code extends string = never>(
  action: () => Promise<Result>,
): Promise<Result & { userErrors: UserErrorShape<Code>[] }> {
  try {
    return { ...(await action()), userErrors: [] };
  } catch (error) {
    const failure = expectedFailure(error);
    if (!failure || denials.has(failure.code)) throw error;
    const userErrors = [
      { field: failure.field ?? null, message: failure.message, code: failure.code as Code },
    ];
    // The fields of the result are nullable in the schema: with userErrors, all of them are absent.
    return { userErrors } as unknown as Result & { userErrors: UserErrorShape<Code>[] };
  }
}
