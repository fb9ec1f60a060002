import { mapIterator } from '@lyceum/events';
import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from 'graphql';

/**
 * GraphQL's `subscribe`, but each event is executed with a context of its own: a loader that remembers what it loaded
 * for one event must not answer with it for the next (https://spec.graphql.org/October2021/#MapSourceToResponseEvent).
 */
export async function subscribePerEvent(
  args: ExecutionArgs,
  contextOfEvent: () => unknown,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]() as AsyncIterableIterator<unknown>;
  return mapIterator(events, (rootValue) => execute({ ...args, rootValue, contextValue: contextOfEvent() }));
}
