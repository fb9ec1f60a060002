import type { SubgraphResponse } from '../subgraphs/subgraph.ts';

/** Entities that were asked for in one fetch. */
export interface Batch {
  /** The representations, in their order, as JSON. */
  readonly representations: readonly string[];
  /** Where each is among them. */
  readonly places: ReadonlyMap<string, number>;
  readonly response: Promise<SubgraphResponse>;
}

export function createBatch(representations: readonly string[], response: Promise<SubgraphResponse>): Batch {
  return { representations, places: new Map(representations.map((text, index) => [text, index])), response };
}

/** The batches that hold some of what is wanted, and what is in none of them. */
export function known(batches: readonly Batch[], wanted: Iterable<string>) {
  const holding = new Set<Batch>();
  const missing: string[] = [];
  for (const text of wanted) {
    const batch = batches.find(({ places }) => places.has(text));
    if (batch) holding.add(batch);
    else missing.push(text);
  }
  return { holding, missing };
}
