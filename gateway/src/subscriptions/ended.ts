import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** Why the gateway ends a subscription; what a subgraph says comes with the subgraph's own code instead. */
export type EndCode =
  'SLOW_CONSUMER' | 'SUBGRAPH_UNAVAILABLE' | 'SUBSCRIPTION_INVALIDATED' | 'UNAUTHENTICATED';

/** A subscription is over, and not because its source was exhausted; `errors` are what the client is told. */
export class SubscriptionEnded extends Error {
  override name = 'SubscriptionEnded';
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super(errors[0]?.message ?? 'The subscription ended');
    this.errors = errors;
  }
}

/** @param more is told beside the code. */
export function endedBecause(code: EndCode, message: string, more: object = {}): SubscriptionEnded {
  return new SubscriptionEnded([new GraphQLError(message, { extensions: { code, ...more } })]);
}

/** An error that ended a subscription stands for those that it carries; any other is a fault, and leaves masked. */
export function reasonsOf(error: unknown): readonly GraphQLError[] {
  if (error instanceof SubscriptionEnded) return error.errors;
  const cause = error instanceof Error ? error : new Error(String(error));
  return [new GraphQLError(cause.message, { originalError: cause })];
}

/** What a subgraph reported, as its own, with its name. */
export function errorsOfSubgraph(
  errors: readonly GraphQLFormattedError[],
  serviceName: string,
): readonly GraphQLError[] {
  return errors.map(
    ({ message, path, extensions }) =>
      new GraphQLError(message, { ...(path ? { path } : {}), extensions: { ...extensions, serviceName } }),
  );
}
