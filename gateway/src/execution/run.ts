import type { GraphQLError } from 'graphql';
import type { RequestContext } from '../requests/context.ts';
import type { Batch } from './batches.ts';
import type { JsonObject } from './objects.ts';

/** One execution of an operation. */
export interface Run {
  readonly context: RequestContext;
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** With the operation's defaults. */
  readonly coerced: Readonly<Record<string, unknown>>;
  /** Whether it is a query or the event of a subscription, which may share fetches with others. */
  readonly isRead: boolean;
  /** What was fetched so far, under the names of the plan. */
  readonly data: JsonObject;
  readonly errors: GraphQLError[];
  /** Entities that were asked for already, by what was asked of them. */
  readonly batches: Map<string, Batch[]>;
}

/** A part of a plan. It does not reject: what fails is among the errors. */
export type Step = (run: Run) => Promise<void>;
