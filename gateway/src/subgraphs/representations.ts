import type { GatewayGraphQLResponse } from '@apollo/server-gateway-interface';

/** What goes over the wire for a fetch, and how its answer is put back in place. */
export interface DistinctRequest {
  readonly body: string;
  /** Gives every representation of the original request its entity, and every error its places. */
  readonly restore: (response: GatewayGraphQLResponse) => GatewayGraphQLResponse;
}

interface Request {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly operationName: string | undefined;
}

type Representation = Readonly<Record<string, unknown>>;
type Entity = Readonly<Record<string, unknown>> | null;

/**
 * A page of forty courses by five authors asks for forty authors; each is sent once (Apollo Federation, subgraph
 * specification: `_entities` answers in the order of `representations`).
 */
export function distinctRequest({ query, variables, operationName }: Request): DistinctRequest {
  const { representations, ...others } = variables ?? {};
  if (!Array.isArray(representations)) {
    return { body: JSON.stringify({ query, variables, operationName }), restore: (response) => response };
  }
  const distinct = new Map<string, { readonly text: string; readonly places: number[] }>();
  representations.forEach((representation: Representation, index) => {
    const key = keyOf(representation);
    const known = distinct.get(key);
    if (known) known.places.push(index);
    else distinct.set(key, { text: JSON.stringify(representation), places: [index] });
  });
  const entries = [...distinct.values()];
  const head = JSON.stringify({ query, operationName, variables: others });
  const comma = Object.keys(others).length === 0 ? '' : ',';
  // Written into the end of the variables, so that each representation is stringified only once.
  const body = `${head.slice(0, -2)}${comma}"representations":[${entries.map(({ text }) => text).join(',')}]}}`;
  if (entries.length === representations.length) return { body, restore: (response) => response };
  return {
    body,
    restore: (response) =>
      restore(
        response,
        entries.map(({ places }) => places),
        representations.length,
      ),
  };
}

/** Nearly all keys are a type and an id: those need no JSON to be told apart. */
function keyOf(representation: Representation): string {
  const { __typename, id } = representation;
  const isSimple =
    typeof __typename === 'string' && typeof id === 'string' && Object.keys(representation).length === 2;
  return isSimple ? `${__typename} ${id}` : JSON.stringify(representation);
}

function restore(
  response: GatewayGraphQLResponse,
  places: readonly number[][],
  count: number,
): GatewayGraphQLResponse {
  const { data, errors } = response;
  return {
    ...response,
    ...(data ? { data: { ...data, _entities: restoreEntities(data['_entities'], places, count) } } : {}),
    ...(errors ? { errors: errors.flatMap((error) => restoreError(error, places)) } : {}),
  };
}

function restoreEntities(entities: unknown, places: readonly number[][], count: number): unknown {
  // What is not one entity for each representation is left for the executor to refuse.
  if (!Array.isArray(entities) || entities.length !== places.length) return entities;
  const restored = new Array<Entity>(count).fill(null);
  entities.forEach((entity: Entity, index) => {
    // A copy for each place: the executor writes the type's name into what it receives.
    for (const place of places[index] ?? []) restored[place] = entity && { ...entity };
  });
  return restored;
}

type ResponseError = NonNullable<GatewayGraphQLResponse['errors']>[number];

function restoreError(error: ResponseError, places: readonly number[][]): ResponseError[] {
  const [root, index, ...rest] = error.path ?? [];
  const own = root === '_entities' && typeof index === 'number' ? places[index] : undefined;
  return own ? own.map((place) => ({ ...error, path: ['_entities', place, ...rest] })) : [error];
}
