import type { FetchNode } from '@apollo/query-planner';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { SubgraphResponse } from '../subgraphs/subgraph.ts';
import { createBatch, known, type Batch } from './batches.ts';
import { fetchBody } from './fetch-body.ts';
import { isObject, type JsonObject } from './objects.ts';
import { pathsAt, placesAt, type FetchPath, type ResponsePath } from './places.ts';
import { representer } from './represent.ts';
import { outputRewrite } from './rewrites.ts';
import type { Run, Step } from './run.ts';
import type { Fetching } from './steps.ts';
import { errorOfSubgraph, unexpected } from './subgraph-errors.ts';

/** What a fetch asks for. Held until it is answered, so it is kept small. */
interface Wanted {
  readonly places: readonly JsonObject[];
  /** Which of the representations is that of each place. */
  readonly indices: readonly number[];
  /** Each once. */
  readonly representations: readonly string[];
}

/**
 * A fetch of entities by what was fetched of them before (Apollo Federation, subgraph specification: `_entities` answers
 * in the order of `representations`). A page of forty courses by five authors asks for five authors; and where another
 * fetch of the same run asks the same of some of them, for the others.
 */
export function entityFetch(fetch: FetchNode, path: FetchPath, fetching: Fetching): Step {
  const { serviceName } = fetch;
  const { schema, merge, subgraphOf } = fetching;
  const subgraph = subgraphOf(serviceName);
  const represent = representer(fetch, schema);
  const body = fetchBody(fetch);
  const rewrite = outputRewrite(fetch, schema);
  const sharedBy = fetching.sharedBy(fetch);

  function wantedOf(run: Run): Wanted {
    const places: JsonObject[] = [];
    const indices: number[] = [];
    const known = new Map<string, number>();
    for (const place of placesAt(run.data, path)) {
      const representation = represent(place);
      if (representation === undefined) continue;
      const index = known.get(representation) ?? known.size;
      if (index === known.size) known.set(representation, index);
      places.push(place);
      indices.push(index);
    }
    return { places, indices, representations: [...known.keys()] };
  }

  function begin(run: Run, representations: readonly string[]): Batch {
    const { context, isRead, variables } = run;
    if ('representations' in variables && fetch.variableUsages?.includes('representations'))
      throw new GraphQLError('A variable of this operation cannot be named "representations".');
    const answered = subgraph.fetch({ body: body(run, representations), isRead, context });
    const response = rewrite
      ? answered.then((own) => {
          rewrite(own);
          return own;
        })
      : answered;
    return createBatch(representations, response);
  }

  /** Where each that is wanted is asked for, or will be from now on. */
  function batchesOf(run: Run, wanted: Wanted): Iterable<Batch> {
    if (sharedBy === undefined || !run.isRead) return [begin(run, wanted.representations)];
    const batches = run.batches.get(sharedBy) ?? [];
    run.batches.set(sharedBy, batches);
    const { holding, missing } = known(batches, wanted.representations);
    if (missing.length === 0) return holding;
    const batch = begin(run, missing);
    batches.push(batch);
    return holding.add(batch);
  }

  async function settle(run: Run, wanted: Wanted, batch: Batch): Promise<void> {
    const response = await batch.response;
    if (response.errors) tell(run, wanted, batch, response.errors);
    const entities = entitiesOf(response, batch, run);
    if (!entities) return;
    const answers = wanted.representations.map((text) => entities[batch.places.get(text) ?? -1]);
    wanted.places.forEach((place, at) => {
      const entity = answers[wanted.indices[at] ?? -1];
      if (isObject(entity)) merge(place, entity);
    });
  }

  function entitiesOf({ data }: SubgraphResponse, { representations }: Batch, run: Run) {
    if (!data) return undefined;
    const { _entities: entities } = data;
    if (Array.isArray(entities) && entities.length === representations.length) return entities as unknown[];
    const expected = Array.isArray(entities)
      ? `to contain ${representations.length} elements`
      : 'in response to be an array';
    run.errors.push(unexpected(`Expected "data._entities" ${expected}`, serviceName, path));
    return undefined;
  }

  /** Those of an entity at each place that asked for it; none where only another fetch did. */
  function tell(run: Run, wanted: Wanted, batch: Batch, errors: readonly GraphQLFormattedError[]): void {
    let paths: ReadonlyMap<unknown, readonly ResponsePath[]> | undefined;
    for (const error of errors) {
      const [, index, ...rest] = error.path ?? [];
      if (typeof index !== 'number') {
        run.errors.push(errorOfSubgraph(error, serviceName, error.path && [...path, ...error.path]));
        continue;
      }
      paths ??= pathsAt(run.data, path);
      const own = wanted.representations.indexOf(batch.representations[index] ?? '');
      const places = wanted.places.filter((_place, at) => wanted.indices[at] === own);
      for (const at of places.flatMap((place) => paths?.get(place) ?? []))
        run.errors.push(errorOfSubgraph(error, serviceName, [...at, ...rest]));
    }
  }

  return async (run) => {
    const wanted = wantedOf(run);
    if (wanted.places.length === 0) return;
    for (const batch of batchesOf(run, wanted)) await settle(run, wanted, batch);
  };
}
