import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, parse, print, type FieldNode, type SelectionSetNode } from 'graphql';

/** A line of text, and what hangs beneath it. */
interface Tree {
  readonly text: string;
  /** Further lines of the same. */
  readonly body?: readonly string[];
  readonly children?: readonly Tree[];
}

/** A query plan as lines of text: which subgraph is asked for what, what waits for what, and what is asked side by side. */
export function planTree({ node }: QueryPlan): string[] {
  if (!node) return ['nothing is asked of any subgraph'];
  if (node.kind !== 'Subscription') return linesOf(treeOf(node, []));
  const { primary, rest } = node;
  const children = [treeOf(primary, []), ...(rest ? [treeOf(rest, [])] : [])];
  return linesOf({ text: 'for each event', children });
}

/** How many fetches a plan makes at most, and how many one after another. */
export function planSize({ node }: QueryPlan): { readonly fetches: number; readonly rounds: number } {
  if (!node) return { fetches: 0, rounds: 0 };
  if (node.kind !== 'Subscription') return sizeOf(node);
  return inTurn([node.primary, ...(node.rest ? [node.rest] : [])].map(sizeOf));
}

type Size = ReturnType<typeof planSize>;

function sizeOf(node: PlanNode): Size {
  switch (node.kind) {
    case 'Fetch':
      return { fetches: 1, rounds: 1 };
    case 'Flatten':
      return sizeOf(node.node);
    case 'Sequence':
      return inTurn(node.nodes.map(sizeOf));
    case 'Parallel':
      return sideBySide(node.nodes.map(sizeOf));
    case 'Condition':
      return sideBySide([node.ifClause, node.elseClause].flatMap((each) => (each ? [sizeOf(each)] : [])));
    case 'Defer':
      return { fetches: 0, rounds: 0 };
  }
}

const fetchesOf = (sizes: readonly Size[]) => sizes.reduce((sum, { fetches }) => sum + fetches, 0);

const inTurn = (sizes: readonly Size[]): Size => ({
  fetches: fetchesOf(sizes),
  rounds: sizes.reduce((sum, { rounds }) => sum + rounds, 0),
});

const sideBySide = (sizes: readonly Size[]): Size => ({
  fetches: fetchesOf(sizes),
  rounds: Math.max(0, ...sizes.map(({ rounds }) => rounds)),
});

function treeOf(node: PlanNode, path: readonly string[]): Tree {
  switch (node.kind) {
    case 'Fetch':
      return fetchTree(node, path);
    case 'Flatten':
      return treeOf(node.node, [...path, ...node.path.map(String)]);
    case 'Sequence':
      return { text: 'one after another', children: node.nodes.map((each) => treeOf(each, path)) };
    case 'Parallel':
      return { text: 'side by side', children: node.nodes.map((each) => treeOf(each, path)) };
    case 'Condition': {
      const branch = (text: string, each: PlanNode | undefined): Tree[] =>
        each ? [{ text, children: [treeOf(each, path)] }] : [];
      return {
        text: `by $${node.condition}`,
        children: [...branch('true', node.ifClause), ...branch('false', node.elseClause)],
      };
    }
    case 'Defer':
      return { text: 'deferred' };
  }
}

function fetchTree(fetch: FetchNode, path: readonly string[]): Tree {
  const { serviceName, operationKind, requires } = fetch;
  const set = selectionsOf(fetch);
  const at = path.length === 0 ? '' : ` at ${path.join('.').replaceAll('.@', '[]')}`;
  const by = requires ? `, by ${requires.map(requirement).join(' or ')}` : '';
  return { text: `${serviceName}: ${requires ? 'entities' : operationKind}${at}${by}`, body: bodyOf(set) };
}

/** What is asked for; of entities what is asked of each. */
function selectionsOf({ operation, requires }: FetchNode): readonly SelectionSetNode[] {
  return parse(operation, { noLocation: true }).definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    const set = definition.selectionSet;
    if (!requires) return [set];
    return set.selections.flatMap((each) => (each as FieldNode).selectionSet ?? []);
  });
}

function bodyOf(sets: readonly SelectionSetNode[]): string[] {
  return sets.flatMap((set) => print(set).split('\n').slice(1, -1));
}

function requirement(node: QueryPlanSelectionNode): string {
  if (node.kind === 'Field') {
    const inner = node.selections ? ` { ${node.selections.map(requirement).join(' ')} }` : '';
    return `${node.name}${inner}`;
  }
  const fields = node.selections.filter((each) => each.kind !== 'Field' || each.name !== '__typename');
  return `${node.typeCondition ?? ''} { ${fields.map(requirement).join(' ')} }`;
}

function linesOf({ text, body = [], children = [] }: Tree): string[] {
  const beneath = children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    return linesOf(child).map(
      (line, at) => `${at === 0 ? (isLast ? '└─ ' : '├─ ') : isLast ? '   ' : '│  '}${line}`,
    );
  });
  return [text, ...body.map((line) => `  ${line}`), ...beneath];
}
