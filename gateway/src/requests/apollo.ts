import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { Logger } from '@lyceum/service';
import type { ASTVisitor, ValidationContext } from 'graphql';
import type { CostObserver } from '../cost/cost-metrics.ts';
import { resultText } from '../execution/result-text.ts';
import type { Generations } from '../federation/generations.ts';
import type { Limits } from '../limits/limits.ts';
import type { RequestContext } from './context.ts';
import type { ErrorFormatter } from './format-error.ts';
import { legacyStatus } from './legacy-status.ts';
import { limited } from './limited.ts';
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
  observeCost: CostObserver;
  logger: Logger;
}): ApolloServer<RequestContext> {
  const { generations, limits, introspection, production, format, observe, observeCost, logger } = options;
  return new ApolloServer<RequestContext>({
    gateway: generations.asApolloGateway(),
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    // Resolved before, for all transports alike: persisted/known-documents.ts.
    persistedQueries: false,
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
      limited(limits, observeCost),
      legacyStatus,
    ],
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
