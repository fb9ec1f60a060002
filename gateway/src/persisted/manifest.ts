import { z } from 'zod';

/** The operations of known clients, as Apollo's tools write them (`apollo-persisted-query-manifest`, version 1). */
export interface Manifest {
  /** The document of an operation. */
  bodyOf(id: string): string | undefined;
  /** Whether a document is one of them, letter for letter. */
  has(body: string): boolean;
  readonly size: number;
}

const shape = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(
    z.object({
      id: z.string().min(1),
      name: z.string(),
      type: z.enum(['query', 'mutation', 'subscription']),
      body: z.string().min(1),
    }),
  ),
});

export type ManifestFile = z.infer<typeof shape>;

/** @throws Error that names what is wrong, and where. */
export function parseManifest(text: string): Manifest {
  const { operations } = checked(jsonOf(text));
  const bodies = new Map(operations.map(({ id, body }) => [id, body]));
  if (bodies.size < operations.length) throw new Error('Two operations of the manifest have one id.');
  const known = new Set(bodies.values());
  return { bodyOf: (id) => bodies.get(id), has: (body) => known.has(body), size: bodies.size };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Error('The manifest is not JSON.', { cause });
  }
}

function checked(value: unknown): ManifestFile {
  const { data, error } = shape.safeParse(value);
  if (data) return data;
  const faults = error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  throw new Error(`The manifest is not one of persisted operations. ${faults.join('; ')}`);
}
