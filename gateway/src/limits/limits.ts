import { GraphQLError } from 'graphql';
import { expandedSelections } from './expansion.ts';
import { measureOperation, type Measure, type MeasuredOperation } from './measure.ts';
import { rootFields } from './root-fields.ts';

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
  /** Root fields of a mutation. Absent: `stockLimits`. */
  readonly mutations?: number;
  /** `__schema` and `__type` fields. Absent: `stockLimits`. */
  readonly introspections?: number;
}

/**
 * An operation that people write has some hundred selections, the introspection query some 300; a mutation is one
 * action or a few, and each may be a password that is tried.
 */
export const stockLimits = { selections: 2_000, mutations: 10, introspections: 5 };

/**
 * Refuses an operation that is too large, before any of it is planned or executed; answers what it measures otherwise.
 *
 * @throws GraphQLError OPERATION_TOO_LARGE, OPERATION_TOO_DEEP, OPERATION_TOO_COSTLY, TOO_MANY_MUTATIONS or
 * TOO_MANY_INTROSPECTIONS, with the measure and the limit.
 */
export function assertWithinLimits(measured: MeasuredOperation, limits: Limits): Measure {
  const within = { ...stockLimits, ...limits };
  assertPlannable(measured, within.selections);
  assertFew(measured, within);
  const measure = measureOperation(measured);
  const { depth, cost } = measure;
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
  return measure;
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

function assertFew(
  { document, operation }: MeasuredOperation,
  limits: { mutations: number; introspections: number },
): void {
  const { mutations, introspections } = rootFields(document, operation);
  if (mutations > limits.mutations) {
    throw refusal(
      'TOO_MANY_MUTATIONS',
      `The operation has ${mutations} mutations; at most ${limits.mutations} are allowed.`,
      { mutations, limit: limits.mutations },
    );
  }
  if (introspections > limits.introspections) {
    throw refusal(
      'TOO_MANY_INTROSPECTIONS',
      `The operation asks ${introspections} times for the schema; at most ${limits.introspections} are allowed.`,
      { introspections, limit: limits.introspections },
    );
  }
}

function refusal(code: string, message: string, figures: Record<string, number>): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...figures, http: { status: 400 } } });
}
