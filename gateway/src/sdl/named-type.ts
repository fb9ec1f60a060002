import { Kind, type TypeNode } from 'graphql';

/** The name of a type as it is written, without its lists and marks of non-null. */
export function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}
