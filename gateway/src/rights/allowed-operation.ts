import {
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql';
import { fragmentsOf } from '../limits/fragments.ts';
import type { OperationRights, ProtectedField } from './operation-rights.ts';

/** An operation without the fields that are refused. */
export interface AllowedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** In the place of each refused field `x` stands `<mark>x: __typename`, which says where in the data it would be. */
  readonly mark: string;
  readonly refused: ReadonlyMap<FieldNode, ProtectedField>;
}

/** Nothing of what is refused is planned or fetched; its type condition, @skip and @include decide as for the field. */
export function allowedOperation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  refused: OperationRights,
): AllowedOperation {
  const mark = unusedMark(document);
  const marks = new Map<FieldNode, ProtectedField>();
  function within<N extends OperationDefinitionNode | FragmentDefinitionNode>(node: N): N {
    return visit<N>(node, {
      Field(field) {
        const protectedField = refused.get(field);
        if (!protectedField) return undefined;
        const marked = markOf(field, mark);
        marks.set(marked, protectedField);
        return marked;
      },
    });
  }

  const allowed = within(operation);
  const fragments = spreadBy(
    allowed,
    new Map([...fragmentsOf(document)].map(([name, node]) => [name, within(node)])),
  );
  return {
    document: { kind: Kind.DOCUMENT, definitions: [allowed, ...fragments] },
    operation: allowed,
    mark,
    refused: marks,
  };
}

function markOf({ alias, name, directives = [] }: FieldNode, mark: string): FieldNode {
  return {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: `${mark}${(alias ?? name).value}` },
    name: { kind: Kind.NAME, value: '__typename' },
    directives,
  };
}

/** No name in the document begins so. */
function unusedMark(document: DocumentNode): string {
  const names: string[] = [];
  visit(document, { Name: ({ value }) => void names.push(value) });
  let mark = 'refused_';
  while (names.some((name) => name.startsWith(mark))) mark += '_';
  return mark;
}

/** The fragments that are still spread: others may only be found in what was refused. */
function spreadBy(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly FragmentDefinitionNode[] {
  const reached = new Set<FragmentDefinitionNode>();
  const follow = (node: OperationDefinitionNode | FragmentDefinitionNode) => {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (!fragment || reached.has(fragment)) return;
        reached.add(fragment);
        follow(fragment);
      },
    });
  };
  follow(operation);
  return [...reached];
}
