import type { ApolloServer } from '@apollo/server';
import type { Logger, Metrics } from '@lyceum/service';
import { GraphQLError, type ExecutionResult, type FormattedExecutionResult } from 'graphql';
import type { Generations } from '../federation/generations.ts';
import type { KnownDocuments } from '../persisted/known-documents.ts';
import type { RequestContext } from '../requests/context.ts';
import { formatAll, type ErrorFormatter } from '../requests/format-error.ts';
import type { Subgraphs } from '../subgraphs/subgraphs.ts';
import type { Backlog } from './backlog.ts';
import { over, type Delivery } from './delivery.ts';
import { SubscriptionEnded } from './ended.ts';
import { openSubscription } from './live-subscription.ts';
import {
  createSwapValidation,
  faultsOf,
  isSubscription,
  parseOperation,
  type OperationPayload,
  type SubscriptionRules,
} from './operation.ts';
import type { Upstreams } from './upstreams.ts';

/** Results as clients see them: of a subscription one an event, of a query or mutation one. */
export type Results = Delivery<FormattedExecutionResult>;

/** What the subscriptions of one client share. */
export interface Link {
  readonly upstreams: Upstreams;
  readonly backlog: Backlog;
}

/** Runs operations that come by another way than plain HTTP; of a refused one, the reasons. */
export interface OperationRunner {
  run(
    payload: OperationPayload,
    context: RequestContext,
    link: Link,
  ): Promise<Results | readonly GraphQLError[]>;
}

export function createOperationRunner(options: {
  apollo: ApolloServer<RequestContext>;
  generations: Generations;
  subgraphs: Subgraphs;
  rules: SubscriptionRules;
  documents: KnownDocuments;
  /** Events that may wait for a slow client. */
  capacity: number;
  format: ErrorFormatter;
  logger: Logger;
  metrics: Metrics;
}): OperationRunner {
  const { apollo, generations, rules, documents, format } = options;
  const faultsAfterSwap = createSwapValidation(rules);
  const live = options.metrics.gauge({
    name: 'lyceum_gateway_subscriptions',
    help: 'Subscriptions that are open.',
  });
  const events = options.metrics.counter({
    name: 'lyceum_gateway_subscription_events_total',
    help: 'Events delivered to subscribers.',
  });
  const endings = options.metrics.counter({
    name: 'lyceum_gateway_subscriptions_ended_total',
    help: 'Subscriptions that the gateway ended, by the code that the client was told.',
    labelNames: ['code'],
  });

  const dropped = options.metrics.counter({
    name: 'lyceum_gateway_subscription_events_dropped_total',
    help: 'Events that slow clients were spared because a later one told the same object anew.',
  });
  const onDrop = (count: number) => {
    dropped.inc(count);
  };

  async function* once(
    payload: OperationPayload & { readonly query: string },
    context: RequestContext,
  ): AsyncGenerator<FormattedExecutionResult, undefined> {
    const { body } = await apollo.executeOperation(
      {
        query: payload.query,
        ...(payload.operationName ? { operationName: payload.operationName } : {}),
        ...(payload.variables ? { variables: { ...payload.variables } } : {}),
        ...(payload.extensions ? { extensions: { ...payload.extensions } } : {}),
      },
      { contextValue: context },
    );
    if (body.kind === 'single') yield body.singleResult;
    return undefined;
  }

  function shown(result: ExecutionResult): FormattedExecutionResult {
    const { errors, ...rest } = result;
    return errors ? { ...rest, errors: formatAll(format, errors) } : rest;
  }

  function delivered(source: Delivery<ExecutionResult>): Results {
    live.inc();
    let close = () => {
      live.dec();
      close = () => undefined;
    };
    return {
      async next() {
        try {
          const { done, value } = await source.next();
          if (!done) {
            events.inc();
            return { done: false, value: shown(value) };
          }
        } catch (error) {
          endings.inc({ code: codeOf(error) });
          close();
          throw error;
        }
        close();
        return over;
      },
      async return() {
        close();
        await source.return();
        return over;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  return {
    async run(sent, context, link) {
      try {
        const payload = documents.resolve(sent);
        const operation = parseOperation(payload, rules.limits);
        if (!isSubscription(operation)) return once(payload, context);
        const generation = generations.current;
        const faults = faultsOf(operation, generation, rules, context);
        if (faults.length > 0) return faults;
        const opening = { ...options, ...link, operation, generation, context, faultsAfterSwap, onDrop };
        return delivered(await openSubscription(opening));
      } catch (error) {
        // Whatever it is, it concerns this operation: thrown further, it would end all that share its socket.
        if (error instanceof GraphQLError) return [error];
        const cause = error instanceof Error ? error : new Error(String(error));
        return [new GraphQLError(cause.message, { originalError: cause })];
      }
    },
  };
}

function codeOf(error: unknown): string {
  const code = error instanceof SubscriptionEnded ? error.errors[0]?.extensions['code'] : undefined;
  return typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR';
}
