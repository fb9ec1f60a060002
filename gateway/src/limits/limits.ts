import { GraphQLError } from 'graphql';
import { expandedSelections } from './expansion.ts';
import { measureOperation, type MeasuredOperation } from './measure.ts';

/** What one operation may ask for. */
export interface Limits {
  /** Levels of fields. */
  readonly depth: number;
  /** Objects, with lists at the size asked for; see measure.ts. */
  readonly cost: number;
  /** Lexical tokens of the document: what is longer is not even parsed to its end. */
  readonly tokens: number;
  /** Selections with fragments expanded; see expansion.ts. Absent: `stockLimits`. */
  readonly selections?: number;
}

/** Of an operation that people write, a tenth is much: the introspection query has some 300 selections. */
export const stockLimits = { selections: 2_000 };

/**
 * Refuses an operation that is too large, before any of it is planned or executed.
 *
 * @throws GraphQLError OPERATION_TOO_LARGE, OPERATION_TOO_DEEP or OPERATION_TOO_COSTLY, with the measure and the limit.
 */
export function assertWithinLimits(measured: MeasuredOperation, limits: Limits): void {
  assertPlannable(measured, limits.selections ?? stockLimits.selections);
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

function assertPlannable({ document, operation }: MeasuredOperation, limit: number): void {
  const selections = expandedSelections(document, operation);
  if (selections <= limit) return;
  const how = 'with its fragments expanded, and each once more for every @skip or @include around it';
  throw refusal(
    'OPERATION_TOO_LARGE',
    `The operation has ${selections} selections, ${how}; at most ${limit} are allowed.`,
    { selections, limit },
  );
}

function refusal(code: string, message: string, figures: Record<string, number>): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...figures, http: { status: 400 } } });
}
