import type { FetchNode } from '@apollo/query-planner';
import { OperationTypeNode } from 'graphql';
import type { Subgraph } from '../subgraphs/subgraph.ts';
import { fetchBody } from './fetch-body.ts';
import { placesAt, type FetchPath } from './places.ts';
import type { Step } from './run.ts';
import { outputRewrite } from './rewrites.ts';
import type { Fetching } from './steps.ts';
import { errorOfSubgraph } from './subgraph-errors.ts';

/** A fetch of root fields: it needs nothing of what was fetched before. */
export function rootFetch(fetch: FetchNode, path: FetchPath, { schema, merge, subgraphOf }: Fetching): Step {
  const { serviceName, operationKind } = fetch;
  const body = fetchBody(fetch);
  const rewrite = outputRewrite(fetch, schema);
  const ofEvent = operationKind === OperationTypeNode.SUBSCRIPTION;
  const subgraph: Subgraph = subgraphOf(serviceName);
  return async (run) => {
    const places = placesAt(run.data, path);
    if (places.length === 0) return;
    const { context, isRead } = run;
    const response = await (ofEvent
      ? subgraph.answerOfEvent(context)
      : subgraph.fetch({ body: body(run), isRead, context }));
    for (const error of response.errors ?? [])
      run.errors.push(errorOfSubgraph(error, serviceName, error.path && [...path, ...error.path]));
    rewrite?.(response);
    if (response.data) for (const place of places) merge(place, response.data);
  };
}
