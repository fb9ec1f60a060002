import {
  HeaderMap,
  type ApolloServerPlugin,
  type BaseContext,
  type GraphQLRequestContextWillSendResponse,
} from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';
import { createActualCost } from '../cost/actual-cost.ts';
import type { CostObserver } from '../cost/cost-metrics.ts';
import { textOfData } from '../execution/lazy-data.ts';
import type { Limits } from '../limits/limits.ts';
import { rememberedLimits } from '../limits/remembered-limits.ts';
import type { RequestContext } from './context.ts';
import { noSuchOperation } from './no-such-operation.ts';

/**
 * Runs after validation and before execution: measures the operation, and sends subscriptions to where they are served.
 * What the answer came to is observed, and told to whoever asks for it by `extensions: { cost: true }` of the request.
 */
export function limited(limits: Limits, observe: CostObserver): ApolloServerPlugin<RequestContext> {
  const assertWithin = rememberedLimits(limits);
  const actualCost = createActualCost();
  const isCounted = everySo(countedOfLarge);

  /** Undefined where it is not counted this time: `times` says for how many answers it stands. */
  function actualOf(answered: Answered): { readonly actual: number; readonly times: number } | undefined {
    const { schema, document, operation, request, response } = answered;
    if (!document || !operation || response.body.kind !== 'single') return { actual: 0, times: 1 };
    const { data } = response.body.singleResult;
    const variables = request.variables ?? {};
    const text = data ? textOfData(data) : undefined;
    const isLarge = text !== undefined && text.length > largeText && !isAsked(answered);
    if (isLarge && !isCounted()) return undefined;
    const looked = text === undefined ? data : (JSON.parse(text) as unknown);
    const actual = actualCost({ schema, document, operation, variables, data: looked });
    return { actual, times: isLarge ? countedOfLarge : 1 };
  }

  return {
    async requestDidStart() {
      let estimated: number | undefined;
      return {
        async didResolveOperation({ schema, document, operation, request }) {
          if (!operation) throw noSuchOperation(request.operationName);
          if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionsElsewhere();
          estimated = assertWithin({ schema, document, operation, variables: request.variables ?? {} }).cost;
        },
        async willSendResponse(answered) {
          if (estimated === undefined) return;
          const counted = actualOf(answered);
          observe(answered.operationName, {
            estimated,
            actual: counted ? counted.actual * counted.times : 0,
          });
          if (counted) tell(answered, { estimated, actual: counted.actual, limit: limits.cost });
        },
      };
    },
  };
}

type Answered = GraphQLRequestContextWillSendResponse<BaseContext>;

/** An answer is written without being held as objects: to count in a large one is to parse it. */
const largeText = 4_096;

/** Of large answers one in so many is counted, for all of them. */
const countedOfLarge = 16;

function everySo(times: number): () => boolean {
  let turn = 0;
  return () => (turn = (turn + 1) % times) === 1;
}

const isAsked = ({ request }: Answered) => request.extensions?.['cost'] === true;

function tell(answered: Answered, cost: object): void {
  const { body } = answered.response;
  if (!isAsked(answered) || body.kind !== 'single') return;
  const { singleResult } = body;
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
