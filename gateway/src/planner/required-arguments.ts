import type { FetchDataRewrite, FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { parse, print, stripIgnoredCharacters, type DocumentNode } from 'graphql';
import { entityFields, withEntityFields, type EntityField } from './entity-fields.ts';
import { aliasedFields, conflict, merged, without } from './representation.ts';
import type { Requirements } from './required-fields.ts';

type Nodes = readonly QueryPlanSelectionNode[];

/** A field of the fetch, with what it requires where aliases are in that. */
interface NeedyField extends EntityField {
  readonly needs: Nodes | undefined;
}

/** Fields that one representation can serve. */
interface Group {
  readonly fields: NeedyField[];
  needs: Nodes;
}

/**
 * The fetch with what its fields @require taken from the aliases that it was fetched under (required-fields.ts), and sent
 * under the names that the subgraph knows. Fields that require one name with different arguments (`price(currency: "USD")`
 * and `price(currency: "EUR")`) are asked for in fetches of their own: a representation holds one of them.
 */
export function withRequiredArguments(fetch: FetchNode, requirements: Requirements): PlanNode {
  const { requires } = fetch;
  if (!requires) return fetch;
  const document = parse(fetch.operation, { noLocation: true });
  const fields = entityFields(document).map((field): NeedyField => ({
    ...field,
    needs: requirements.of(fetch.serviceName, field.type, field.node.name.value),
  }));
  const needy = fields.filter(({ needs }) => needs !== undefined);
  if (needy.length === 0) return fetch;
  const base = withoutNeeds(requires, needy);
  const nodes = groupsOf(fields).map((group, _index, { length }) => {
    const part = length === 1 ? fetch : partOf(fetch, document, group);
    const inputRewrites = [...(fetch.inputRewrites ?? []), ...renamersOf(group.needs)];
    return { ...part, requires: withNeeds(base, group), inputRewrites };
  });
  const [only] = nodes;
  return only && nodes.length === 1 ? only : { kind: 'Parallel', nodes };
}

/** To the names that the subgraph knows. */
function renamersOf(needs: Nodes): FetchDataRewrite[] {
  return aliasedFields(needs).map(({ within, alias, name }) => ({
    kind: 'KeyRenamer',
    path: [...within, alias],
    renameKeyTo: name,
  }));
}

/** What needs nothing goes with the first. */
function groupsOf(fields: readonly NeedyField[]): Group[] {
  const groups: Group[] = [];
  for (const field of fields) {
    const { needs = [] } = field;
    const group = groups.find((known) => !conflict(known.needs, needs));
    if (!group) groups.push({ fields: [field], needs });
    else {
      group.fields.push(field);
      group.needs = merged(group.needs, needs);
    }
  }
  return groups;
}

function withoutNeeds(requires: Nodes, needy: readonly NeedyField[]): QueryPlanSelectionNode[] {
  return without(
    requires,
    needy.flatMap(({ needs = [] }) => needs),
  );
}

/** In the representation of the type on which a field is asked for; in that of all, where its type is not named. */
function withNeeds(base: Nodes, { fields }: Group): QueryPlanSelectionNode[] {
  const types = new Set(
    base.map((node) => (node.kind === 'InlineFragment' ? node.typeCondition : undefined)),
  );
  return base.map((node) => {
    if (node.kind !== 'InlineFragment') return node;
    const own = fields.filter(({ type }) => type === node.typeCondition || !types.has(type));
    return { ...node, selections: own.reduce((all, { needs = [] }) => merged(all, needs), node.selections) };
  });
}

function partOf(fetch: FetchNode, document: DocumentNode, { fields }: Group): FetchNode {
  const part = withEntityFields(document, new Set(fields.map(({ node }) => node)));
  const operation = stripIgnoredCharacters(print(part));
  const variableUsages = (fetch.variableUsages ?? []).filter((name) =>
    new RegExp(`\\$${name}\\b`).test(operation),
  );
  return { ...fetch, operation, variableUsages };
}
