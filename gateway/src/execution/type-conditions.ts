import { isAbstractType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';

/** Whether an object of this `__typename` is of a type of the supergraph; undefined where it does not say its own. */
export function isOfType(schema: GraphQLSchema, typename: unknown, condition: string): boolean | undefined {
  if (typeof typename !== 'string' || typename === '') return undefined;
  if (typename === condition) return true;
  const type = schema.getType(typename);
  const wanted = schema.getType(condition);
  // An interface that a subgraph knows as an object (@interfaceObject) stands for itself.
  return (
    isAbstractType(wanted) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wanted, type)
  );
}
