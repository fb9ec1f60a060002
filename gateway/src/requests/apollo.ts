import { ApolloServer, HeaderMap, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { Logger } from '@lyceum/service';
import { GraphQLError, OperationTypeNode, type ASTVisitor, type ValidationContext } from 'graphql';
import { resultText } from '../execution/result-text.ts';
import type { Generations } from '../federation/generations.ts';
import type { Limits } from '../limits/limits.ts';
import { rememberedLimits } from '../limits/remembered-limits.ts';
import type { RequestContext } from './context.ts';
import type { ErrorFormatter } from './format-error.ts';
import { legacyStatus } from './legacy-status.ts';
import { noSuchOperation } from './no-such-operation.ts';
import type { OperationObserver } from './operation-metrics.ts';

export type ValidationRule = (context: ValidationContext) => ASTVisitor;

/** Apollo Server over the current supergraph: queries and mutations, from HTTP and from sockets. */
export function createApollo(options: {
  generations: Generations;
  limits: Limits;
  introspection: boolean;
  production: boolean;
  format: ErrorFormatter;
  observe: OperationObserver;
  logger: Logger;
}): ApolloServer<RequestContext> {
  const { generations, limits, introspection, production, format, observe, logger } = options;
  return new ApolloServer<RequestContext>({
    gateway: generations.asApolloGateway(),
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    introspection,
    hideSchemaDetailsFromClientErrors: production,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxLexicalTokens: limits.tokens },
    formatError: format,
    stringifyResult: (result) => `${resultText(result)}\n`,
    logger: logger.child({ component: 'apollo' }),
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      measured(observe),
      limited(limits),
      legacyStatus,
    ],
  });
}

/** Runs after validation and before execution: measures the operation, and sends subscriptions to where they are served. */
function limited(limits: Limits): ApolloServerPlugin<RequestContext> {
  const assertWithin = rememberedLimits(limits);
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ schema, document, operation, request }) {
          if (!operation) throw noSuchOperation(request.operationName);
          if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionsElsewhere();
          assertWithin({ schema, document, operation, variables: request.variables ?? {} });
        },
      };
    },
  };
}

function subscriptionsElsewhere(): GraphQLError {
  const message =
    'Subscriptions are served over WebSocket (graphql-transport-ws), with Accept: text/event-stream as server-sent ' +
    'events, and with Accept: multipart/mixed;subscriptionSpec=1.0 in parts, at this same address.';
  const headers = new HeaderMap([['accept', 'text/event-stream, multipart/mixed;subscriptionSpec=1.0']]);
  return new GraphQLError(message, {
    extensions: { code: 'BAD_REQUEST', http: { status: 406, headers } },
  });
}

function measured(observe: OperationObserver): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      const ended = observe();
      return {
        async willSendResponse({ operation, errors }) {
          ended(operation?.operation ?? 'none', errors?.length ? 'errors' : 'ok');
        },
      };
    },
  };
}
