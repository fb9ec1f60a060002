import { createHash } from 'node:crypto';
import {
  getOperationAST,
  getVariableValues,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  separateOperations,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Generation } from '../federation/generation.ts';
import { assertWithinLimits, type Limits } from '../limits/limits.ts';
import { noRootConditions } from '../limits/root-conditions.ts';
import type { RequestContext } from '../requests/context.ts';
import { noSuchOperation } from '../requests/no-such-operation.ts';

/** An operation as a client sends it. */
export interface OperationPayload {
  /** Absent where `extensions.persistedQuery` names it; a client library that insists on one may leave it empty. */
  readonly query?: string | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Whether a body is an operation (https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters). */
export function isPayload(body: unknown): body is OperationPayload {
  if (typeof body !== 'object' || body === null) return false;
  const { query, operationName, variables, extensions } = body as Record<string, unknown>;
  const isNamed = query === undefined || query === null;
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: unknown };
  return (
    (isNamed ? persistedQuery !== undefined : typeof query === 'string') &&
    ['string', 'undefined'].includes(typeof (operationName ?? undefined)) &&
    ['object', 'undefined'].includes(typeof (variables ?? undefined)) &&
    !Array.isArray(variables)
  );
}

/** An operation that is about to run: parsed, and its document reduced to it and its fragments. */
export interface Operation {
  readonly source: string;
  /** Of source and name: one document may hold several operations. */
  readonly hash: string;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Which subscriptions are let through. */
export interface SubscriptionRules {
  readonly limits: Limits;
  readonly introspection: boolean;
}

/** @throws GraphQLError when it cannot be parsed or names no operation. */
export function parseOperation(
  payload: OperationPayload & { readonly query: string },
  limits: Limits,
): Operation {
  const whole = parsed(payload.query, limits);
  const name = payload.operationName ?? undefined;
  const definition = getOperationAST(whole, name);
  if (!definition) throw noSuchOperation(name);
  const document = separateOperations(whole)[definition.name?.value ?? ''] ?? whole;
  return {
    source: payload.query,
    hash: createHash('sha256')
      .update(`${name ?? ''}\n${payload.query}`)
      .digest('hex'),
    document,
    definition,
    variables: payload.variables ?? {},
  };
}

/** Apollo Server gives what it cannot parse this code; without one, it would pass for a fault of ours. */
function parsed(query: string, limits: Limits): DocumentNode {
  try {
    return parse(query, { maxLexicalTokens: limits.tokens });
  } catch (error) {
    throw error instanceof GraphQLError ? withCode(error, 'GRAPHQL_PARSE_FAILED') : error;
  }
}

export function isSubscription({ definition }: Operation): boolean {
  return definition.operation === OperationTypeNode.SUBSCRIPTION;
}

/** Why whoever asks may not run the subscription on this generation; empty when they may. */
export function faultsOf(
  operation: Operation,
  generation: Pick<Generation, 'schema' | 'refusals'>,
  rules: SubscriptionRules,
  context: RequestContext,
): readonly GraphQLError[] {
  const { schema } = generation;
  const invalid = validationFaults(operation, schema, rules);
  const faults = invalid.length > 0 ? invalid : faultsOfRequest(operation, schema, rules);
  return faults.length > 0 ? faults : refusalsOf(operation, generation, context);
}

/** What of a valid subscription the supergraph keeps from whoever asks, now: rights change while it is open. */
export function refusalsOf(
  { document, definition }: Operation,
  generation: Pick<Generation, 'refusals'>,
  context: RequestContext,
): readonly GraphQLError[] {
  return generation.refusals({ document, operation: definition, context });
}

/**
 * Answers as `faultsOf` does, for live subscriptions that move to a new schema all at once: a document that many of
 * them have is validated once. What it remembers is no more than what is live, and goes with the schema.
 */
export function createSwapValidation(rules: SubscriptionRules) {
  const swaps = new WeakMap<GraphQLSchema, Map<string, readonly GraphQLError[]>>();

  return (operation: Operation, schema: GraphQLSchema): readonly GraphQLError[] => {
    const known = swaps.get(schema) ?? new Map<string, readonly GraphQLError[]>();
    swaps.set(schema, known);
    const invalid = known.get(operation.hash) ?? validationFaults(operation, schema, rules);
    known.set(operation.hash, invalid);
    return invalid.length > 0 ? invalid : faultsOfRequest(operation, schema, rules);
  };
}

export type SwapValidation = ReturnType<typeof createSwapValidation>;

/** Of the document: the same for everybody who sends it. */
function validationFaults(
  { document }: Operation,
  schema: GraphQLSchema,
  rules: SubscriptionRules,
): readonly GraphQLError[] {
  const invalid = validate(schema, document, [
    ...specifiedRules,
    noRootConditions,
    ...(rules.introspection ? [] : [NoSchemaIntrospectionCustomRule]),
  ]);
  return invalid.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
}

/** Of the variables, and of what is asked for with them. */
function faultsOfRequest(
  operation: Operation,
  schema: GraphQLSchema,
  rules: SubscriptionRules,
): readonly GraphQLError[] {
  const { document, definition, variables } = operation;
  const { errors } = getVariableValues(schema, definition.variableDefinitions ?? [], variables);
  if (errors) return errors.map((error) => withCode(error, 'BAD_USER_INPUT'));
  return exceeded(() => {
    assertWithinLimits({ schema, document, operation: definition, variables }, rules.limits);
  });
}

function exceeded(check: () => void): readonly GraphQLError[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions['code'] ??= code;
  return error;
}
