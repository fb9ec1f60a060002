import type { DocumentNode } from 'graphql';

/** An operation that clients have sent. */
export interface SeenOperation {
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly queryHash: string;
}

/** How long it may hold up everything else in one go, besides the planning of one operation. */
const sliceMs = 10;

/**
 * Prepares what was seen before, with pauses in which the gateway goes on serving.
 *
 * @param prepare must not throw
 */
export async function warmUp(
  seen: readonly SeenOperation[],
  prepare: (operation: SeenOperation) => void,
): Promise<void> {
  let began = performance.now();
  for (const operation of seen) {
    prepare(operation);
    if (performance.now() - began < sliceMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    began = performance.now();
  }
}
