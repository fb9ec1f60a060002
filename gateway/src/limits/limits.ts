import { GraphQLError } from 'graphql';
import { measureOperation, type MeasuredOperation } from './measure.ts';

/** What one operation may ask for. */
export interface Limits {
  /** Levels of fields. */
  readonly depth: number;
  /** Objects, with lists at the size asked for; see measure.ts. */
  readonly cost: number;
  /** Lexical tokens of the document: what is longer is not even parsed to its end. */
  readonly tokens: number;
}

/**
 * Refuses an operation that is too large, before any of it is executed.
 *
 * @throws GraphQLError OPERATION_TOO_DEEP or OPERATION_TOO_COSTLY, with the measure and the limit.
 */
export function assertWithinLimits(measured: MeasuredOperation, limits: Limits): void {
  const { depth, cost } = measureOperation(measured);
  if (depth > limits.depth) {
    throw refusal(
      'OPERATION_TOO_DEEP',
      `The operation is ${depth} levels deep; at most ${limits.depth} are allowed.`,
      {
        depth,
        limit: limits.depth,
      },
    );
  }
  if (cost > limits.cost) {
    const advice = 'Ask for fewer elements with first or last, or in several operations.';
    throw refusal(
      'OPERATION_TOO_COSTLY',
      `The operation may return ${cost} objects; at most ${limits.cost} are allowed. ${advice}`,
      { cost, limit: limits.cost },
    );
  }
}

function refusal(code: string, message: string, figures: Record<string, number>): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...figures, http: { status: 400 } } });
}
