import { GraphQLError, type FieldNode } from 'graphql';

/** The writing of one answer. */
export interface Writing {
  /** Where it is now; of use where something is wrong. */
  readonly path: (string | number)[];
  /** Where a value was not what the schema says. */
  readonly faults: GraphQLError[];
  /** What `__schema` or `__type` says, as JSON. */
  readonly introspect: (fields: readonly FieldNode[]) => string;
}

/** A value as JSON; `none` where there is none. */
export type Written = string | typeof none | typeof faulty | typeof refused;

/** It is null. */
export const none = 0;
/** It is null because of a fault that has been told. */
export const faulty = 1;
/** It is null and must not be: so is what it is in. */
export const refused = 2;

export type Write = (value: unknown, writing: Writing) => Written;

export function tellFault(writing: Writing, message: string): void {
  const extensions = { code: 'INVALID_GRAPHQL' };
  writing.faults.push(new GraphQLError(message, { path: [...writing.path], extensions }));
}

/** For messages: the field or element that the writing is at. */
export function describe({ path }: Writing, type: string, parent: string): string {
  const last = path.at(-1) ?? '';
  return typeof last === 'number'
    ? `array element of type ${type} at index ${last}`
    : `field ${parent}.${last}`;
}
