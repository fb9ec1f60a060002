import type { FetchNode } from '@apollo/query-planner';
import { parse, type DocumentNode } from 'graphql';

/** A key that is given another name, in every object at a place. */
export interface Renaming {
  /** Keys, and conditions on what `__typename` says. Lists on the way are walked through. */
  readonly within: readonly (string | ReadonlySet<string>)[];
  readonly key: string;
  readonly to: string;
}

/** What is renamed on the way to a subgraph and back. */
export interface FetchRewrites {
  /** In each representation. */
  readonly inputs: readonly Renaming[];
  /** In the data, or in each entity. */
  readonly outputs: readonly Renaming[];
}

interface RewritingDocument extends DocumentNode {
  readonly rewrites: FetchRewrites;
}

/**
 * Leaves the rewrites with the fetch, on the document that the executor hands to the data source, so that they live as
 * long as the plan does. The executor's own renaming (`KeyRenamer`) forgets what is 0, "", false or null.
 */
export function withRewrites(fetch: FetchNode, rewrites: FetchRewrites): FetchNode {
  if (rewrites.inputs.length === 0 && rewrites.outputs.length === 0) return fetch;
  const document: RewritingDocument = { ...parse(fetch.operation, { noLocation: true }), rewrites };
  return { ...fetch, operationDocumentNode: document };
}

export function rewritesOf(document: DocumentNode | undefined): FetchRewrites | undefined {
  return document && 'rewrites' in document ? (document as RewritingDocument).rewrites : undefined;
}

/** In place: the executor makes representations for one fetch. */
export function renameInputs(
  variables: Readonly<Record<string, unknown>> | undefined,
  rewrites: FetchRewrites,
): void {
  rename(variables?.['representations'], rewrites.inputs);
}

/** In place. */
export function renameOutputs(
  { data }: { readonly data?: Readonly<Record<string, unknown>> | null },
  { outputs }: FetchRewrites,
): void {
  rename(data && '_entities' in data ? data['_entities'] : data, outputs);
}

function rename(value: unknown, renamings: readonly Renaming[]): void {
  for (const renaming of renamings) renameAt(value, renaming, 0);
}

function renameAt(value: unknown, renaming: Renaming, depth: number): void {
  if (Array.isArray(value)) {
    for (const element of value) renameAt(element, renaming, depth);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const object = value as Record<string, unknown>;
  const step = renaming.within[depth];
  if (step === undefined) renameKey(object, renaming);
  else if (typeof step === 'string') renameAt(object[step], renaming, depth + 1);
  else if (isOf(object, step)) renameAt(object, renaming, depth + 1);
}

/** An object that does not say its type may be of it: the key to be renamed is there in those alone that are. */
function isOf({ __typename: type }: Record<string, unknown>, types: ReadonlySet<string>): boolean {
  return typeof type !== 'string' || types.has(type);
}

function renameKey(object: Record<string, unknown>, { key, to }: Renaming): void {
  if (!Object.hasOwn(object, key)) return;
  object[to] = object[key];
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
  delete object[key];
}
