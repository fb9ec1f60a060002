import type { GatewayExecutionResult } from '@apollo/server-gateway-interface';
import type { GraphQLError } from 'graphql';
import { lazyData } from './lazy-data.ts';

/** A result whose data is written. Nothing of it changes any more, so that several may have it. */
export interface WrittenResult {
  /** The data as JSON; undefined where the operation was not executed. */
  readonly text?: string;
  readonly errors?: readonly GraphQLError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** As Apollo Server and its plugins have it: who changes something changes it for themselves. */
export function resultOf({ text, errors, extensions }: WrittenResult): GatewayExecutionResult {
  return {
    ...(errors ? { errors: [...errors] } : {}),
    ...(extensions ? { extensions: { ...extensions } } : {}),
    ...(text === undefined ? {} : { data: text === 'null' ? null : lazyData(text) }),
  };
}
