import type { GraphQLSchema } from 'graphql';
import type { RequestContext } from './request-context.ts';

/** One call of a mutation. */
export interface MutationCall<Context extends RequestContext> {
  /** The name of the field. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly context: Context;
}

/**
 * Stands around every call of a mutation, outside of the rules of permissions.ts: `run` answers, or throws what it was
 * refused for.
 */
export type AroundMutation<Context extends RequestContext> = (
  call: MutationCall<Context>,
  run: () => Promise<unknown>,
) => Promise<unknown>;

/** Puts `around` around each mutation of a schema. */
export function aroundMutations<Context extends RequestContext>(
  schema: GraphQLSchema,
  around: AroundMutation<Context> | undefined,
): GraphQLSchema {
  const fields = around ? Object.values(schema.getMutationType()?.getFields() ?? {}) : [];
  for (const field of fields) {
    const { name, resolve } = field;
    field.resolve = (parent, args: { input?: Record<string, unknown> }, context: Context, info) =>
      around?.({ name, input: args.input ?? {}, context }, async () => {
        const answer: unknown = await resolve?.(parent, args, context, info);
        // graphql-shield answers what it refuses for.
        if (answer instanceof Error) throw answer;
        return answer;
      });
  }
  return schema;
}
