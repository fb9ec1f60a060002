import type { FetchNode } from '@apollo/query-planner';
import type { Logger } from '@lyceum/service';
import { GraphQLError, type ExecutionResult, type FormattedExecutionResult } from 'graphql';
import type { Generation } from '../federation/generation.ts';
import type { Generations } from '../federation/generations.ts';
import type { RequestContext } from '../requests/context.ts';
import type { Subgraphs } from '../subgraphs/subgraphs.ts';
import type { Backlog } from './backlog.ts';
import type { Delivery } from './delivery.ts';
import { endedBecause, errorsOfSubgraph, SubscriptionEnded } from './ended.ts';
import { eventKind } from './event-kind.ts';
import { executionContext } from './execution-context.ts';
import { refusalsOf, type Operation, type SwapValidation } from './operation.ts';
import { createOrderedStream } from './ordered-stream.ts';
import type { Upstreams } from './upstreams.ts';

export interface LiveSubscriptionOptions {
  readonly operation: Operation;
  /** Against whose schema the operation was validated. */
  readonly generation: Generation;
  readonly context: RequestContext;
  readonly generations: Generations;
  readonly subgraphs: Subgraphs;
  readonly upstreams: Upstreams;
  readonly faultsAfterSwap: SwapValidation;
  /** Events that may wait for a slow client. */
  readonly capacity: number;
  /** Bytes of them, over all of the client's subscriptions. */
  readonly backlog: Backlog;
  /** Called with how many events a slow client was spared. */
  readonly onDrop: (count: number) => void;
  readonly logger: Logger;
}

/** Where events come from now: the primary fetch of a plan, open at its subgraph, and who resolves what it sends. */
interface Source {
  readonly primary: FetchNode;
  readonly url: string;
  generation: Generation;
  leave(): void;
}

interface Arrival {
  readonly source: Source;
  readonly payload: FormattedExecutionResult;
  readonly at: number;
}

const concurrency = 8;

/**
 * Runs a valid subscription: its primary fetch is open at the subgraph that owns the root field; each event is
 * completed from the others by the plan's rest. It outlives a change of the supergraph that leaves it valid.
 *
 * The iterator throws SubscriptionEnded when the subscription ends for a reason that the client must know.
 */
export async function openSubscription(options: LiveSubscriptionOptions): Promise<Delivery<ExecutionResult>> {
  const { operation, context, generations, subgraphs, upstreams, faultsAfterSwap, capacity, logger } =
    options;
  const kind = eventKind(operation, options.generation.schema);
  let source: Source | undefined;
  let over = false;
  let cursor: string | undefined;

  const stream = createOrderedStream<Arrival, ExecutionResult>({
    resolve: (arrival) => resolve(arrival, operation, context),
    capacity,
    backlog: options.backlog,
    concurrency,
    onDrop: options.onDrop,
    onOverflow: () => tooSlow(kind.resumable, cursor),
    onEnd: () => {
      over = true;
      unwatch();
      source?.leave();
    },
  });
  const unwatch = generations.onSwap((generation) =>
    move(generation).catch((error: unknown) => {
      logger.error({ err: error }, 'a live subscription cannot be planned on the new supergraph');
      stream.end(
        endedBecause(
          'SUBSCRIPTION_INVALIDATED',
          'The schema changed, and this subscription has no plan on it.',
        ),
      );
    }),
  );

  function open(primary: FetchNode, generation: Generation): Source {
    const url = subgraphs.url(primary.serviceName);
    const opened: Source = { primary, url, generation, leave: () => undefined };
    const request = requestOf(primary, operation);
    goOnBehind(cursor, request.variables);
    opened.leave = upstreams.subscribe(primary.serviceName, url, request, {
      event: (payload, bytes) => {
        const event = { source: opened, payload, at: performance.now() };
        if (!stream.push({ event, bytes, key: kind.keyOf(payload) })) return;
        cursor = kind.cursorOf(payload) ?? cursor;
        goOnBehind(cursor, request.variables);
      },
      end: (reason) => {
        if (source === opened || source === undefined) stream.end(reason);
      },
      refusal: () => refused(opened.generation),
    });
    return opened;
  }

  /** Why it may not go on under the rights of now. */
  function refused(generation: Generation): SubscriptionEnded | undefined {
    const errors = refusalsOf(operation, generation, context);
    return errors.length > 0 ? new SubscriptionEnded(errors) : undefined;
  }

  /** In place: it is sent again as it is then, when the subgraph was lost, or rights have changed. */
  function goOnBehind(place: string | undefined, variables: Record<string, unknown>): void {
    if (kind.afterVariable !== undefined && place !== undefined) variables[kind.afterVariable] = place;
  }

  /** To a new supergraph: the upstream stays where the primary fetch is the same. */
  async function move(generation: Generation): Promise<void> {
    const faults = faultsAfterSwap(operation, generation.schema);
    if (faults.length > 0) {
      stream.end(invalidated(faults.map(({ message }) => message)));
      return;
    }
    const reason = refused(generation);
    if (reason) {
      stream.end(reason);
      return;
    }
    const primary = await generation.planSubscription(executionContext(operation, generation, context));
    if (over || generation !== generations.current || !source) return;
    if (isSame(source, primary, subgraphs.url(primary.serviceName))) {
      source.generation = generation;
      return;
    }
    const previous = source;
    source = open(primary, generation);
    previous.leave();
  }

  try {
    const first = options.generation;
    const primary = await first.planSubscription(executionContext(operation, first, context));
    source = open(primary, first);
    if (generations.current !== first) await move(generations.current);
    return stream;
  } catch (error) {
    stream.end();
    throw error;
  }
}

/** All that came before `after` is delivered first: who subscribes again with it misses nothing. */
function tooSlow(resumable: boolean, after: string | undefined): SubscriptionEnded {
  const how = resumable ? 'Subscribe again with `after`: the cursor of the last event.' : 'Subscribe again.';
  const more = { resumable, ...(after === undefined ? {} : { after }) };
  return endedBecause('SLOW_CONSUMER', `Too many events waited for this client. ${how}`, more);
}

function requestOf(primary: FetchNode, { variables }: Operation) {
  const used = (primary.variableUsages ?? []).filter((name) => variables[name] !== undefined);
  return {
    query: primary.operation,
    variables: Object.fromEntries(used.map((name) => [name, variables[name]])) as Record<string, unknown>,
    ...(primary.operationName === undefined ? {} : { operationName: primary.operationName }),
  };
}

function isSame(source: Source, primary: FetchNode, url: string): boolean {
  return (
    source.url === url &&
    source.primary.serviceName === primary.serviceName &&
    source.primary.operation === primary.operation
  );
}

async function resolve(
  { source, payload, at }: Arrival,
  operation: Operation,
  context: RequestContext,
): Promise<ExecutionResult> {
  const { serviceName } = source.primary;
  // Without data there is nothing to complete: the errors are all there is.
  if (payload.data === undefined || payload.data === null) {
    const result = { data: null, errors: errorsOfSubgraph(payload.errors ?? [], serviceName) };
    return source.generation.restore(executionContext(operation, source.generation, context), result);
  }
  const ofEvent: RequestContext = { ...context, event: payload, notBefore: at };
  try {
    return await source.generation.execute(executionContext(operation, source.generation, ofEvent));
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    return { data: null, errors: [new GraphQLError(cause.message, { originalError: cause })] };
  }
}

function invalidated(reasons: readonly string[]): SubscriptionEnded {
  return endedBecause(
    'SUBSCRIPTION_INVALIDATED',
    `The schema changed, and this subscription is no longer valid: ${reasons.join(' ')}`,
  );
}
