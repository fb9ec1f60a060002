import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  type ASTVisitor,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/**
 * A subscription's root field may not stand under @skip or @include: what would be left is a subscription to nothing.
 * (The GraphQL draft forbids it too, under "Single Root Field".)
 */
export function noRootConditions(context: ValidationContext): ASTVisitor {
  function check(set: SelectionSetNode, followed: Set<string>): void {
    for (const selection of set.selections) {
      const condition = selection.directives?.find(
        ({ name }) => name.value === 'skip' || name.value === 'include',
      );
      if (condition) {
        const message = `@${condition.name.value} is not allowed on the root field of a subscription.`;
        context.reportError(new GraphQLError(message, { nodes: [condition] }));
      }
      const inner = rootsInside(selection, followed);
      if (inner) check(inner, followed);
    }
  }

  /** The root fields inside of a fragment, unless its spread was already followed. */
  function rootsInside(selection: SelectionNode, followed: Set<string>): SelectionSetNode | undefined {
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection.selectionSet;
    if (selection.kind !== Kind.FRAGMENT_SPREAD || followed.has(selection.name.value)) return undefined;
    followed.add(selection.name.value);
    return context.getFragment(selection.name.value)?.selectionSet;
  }

  return {
    OperationDefinition(node) {
      if (node.operation === OperationTypeNode.SUBSCRIPTION) check(node.selectionSet, new Set());
      return false;
    },
  };
}
