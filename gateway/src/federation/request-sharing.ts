import { randomUUID } from 'node:crypto';
import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import { OperationTypeNode } from 'graphql';
import type { RequestContext } from '../requests/context.ts';
import type { Flights } from '../subgraphs/flights.ts';

type ExecutionContext = GatewayGraphQLRequestContext<RequestContext>;

/**
 * One execution for all who ask the same at the same time with the same rights: the same operation and variables, of the same
 * viewer, with the same headers for the subgraphs. The request id is left out: it changes what is logged, never what is
 * answered. Nobody joins one that began before a write ended (`Flights.forget`).
 *
 * @returns what runs `execute`, or answers with what another run of the same is about to
 */
export function createRequestSharing(flights: Flights) {
  // Of one supergraph: another may plan the same operation otherwise.
  const scope = randomUUID();
  return <T>(context: ExecutionContext, execute: () => Promise<T>): Promise<T> => {
    const isShared =
      context.operation.operation === OperationTypeNode.QUERY && context.context.event === undefined;
    return isShared ? flights.join(`${scope}\n${keyOf(context)}`, execute) : execute();
  };
}

function keyOf({ queryHash, operationName, request, context }: ExecutionContext): string {
  const { authorization = null, viewer } = context;
  const who = viewer ? [viewer.userId, viewer.organisationId, viewer.sessionId] : null;
  return JSON.stringify([queryHash, operationName, request.variables ?? null, authorization, who]);
}
