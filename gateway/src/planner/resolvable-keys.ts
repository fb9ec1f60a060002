import { Kind, visit, type ConstDirectiveNode, type DocumentNode } from 'graphql';

/**
 * The supergraph with each type's keys in an order in which those that a subgraph resolves come first.
 *
 * To come back to a subgraph with what a @requires needs, the planner takes the first key of the type there that it can
 * fetch (`getLocallySatisfiableKey`), also one that is `resolvable: false`, which no `_entities` of the subgraph answers.
 */
export function withResolvableKeysFirst(supergraph: DocumentNode): DocumentNode {
  return visit(supergraph, {
    ObjectTypeDefinition: (node) => ({ ...node, directives: sorted(node.directives ?? []) }),
    InterfaceTypeDefinition: (node) => ({ ...node, directives: sorted(node.directives ?? []) }),
  });
}

function sorted(directives: readonly ConstDirectiveNode[]): readonly ConstDirectiveNode[] {
  return [...directives.filter((each) => !isUnresolvable(each)), ...directives.filter(isUnresolvable)];
}

function isUnresolvable(directive: ConstDirectiveNode): boolean {
  return (
    directive.name.value === 'join__type' &&
    (directive.arguments ?? []).some(
      ({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value,
    )
  );
}
