import {
  HeaderMap,
  type ApolloServerPlugin,
  type BaseContext,
  type GraphQLRequestContextWillSendResponse,
} from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';
import { createActualCost, type ActualCost } from '../cost/actual-cost.ts';
import type { CostObserver } from '../cost/cost-metrics.ts';
import { assertWithinLimits, type Limits } from '../limits/limits.ts';
import type { RequestContext } from './context.ts';
import { noSuchOperation } from './no-such-operation.ts';

/**
 * Runs after validation and before execution: measures the operation, and sends subscriptions to where they are served.
 * What the answer came to is observed, and told to whoever asks for it by `extensions: { cost: true }` of the request.
 */
export function limited(limits: Limits, observe: CostObserver): ApolloServerPlugin<RequestContext> {
  const actualCost = createActualCost();
  return {
    async requestDidStart() {
      let estimated: number | undefined;
      return {
        async didResolveOperation({ schema, document, operation, request }) {
          if (!operation) throw noSuchOperation(request.operationName);
          if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionsElsewhere();
          const variables = request.variables ?? {};
          estimated = assertWithinLimits({ schema, document, operation, variables }, limits).cost;
        },
        async willSendResponse(answered) {
          if (estimated === undefined) return;
          const cost = { estimated, actual: actualOf(answered, actualCost) };
          observe(answered.operationName, cost);
          tell(answered, { ...cost, limit: limits.cost });
        },
      };
    },
  };
}

type Answered = GraphQLRequestContextWillSendResponse<BaseContext>;

function actualOf(
  { schema, document, operation, request, response }: Answered,
  actualCost: ActualCost,
): number {
  if (!document || !operation || response.body.kind !== 'single') return 0;
  const { data } = response.body.singleResult;
  return actualCost({ schema, document, operation, variables: request.variables ?? {}, data });
}

function tell({ request, response }: Answered, cost: object): void {
  if (request.extensions?.['cost'] !== true || response.body.kind !== 'single') return;
  const { singleResult } = response.body;
  singleResult.extensions = { ...singleResult.extensions, cost };
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
