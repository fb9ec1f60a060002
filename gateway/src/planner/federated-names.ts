import { Kind, parse, visit, type ConstDirectiveNode, type DocumentNode } from 'graphql';

/**
 * The names of the fields that the planner fetches although nobody asked for them: those of keys, and those that a
 * @requires names. It fetches them under these names.
 */
export function federatedNames(supergraph: DocumentNode): ReadonlySet<string> {
  const names = new Set(['__typename']);
  visit(supergraph, {
    Directive(directive) {
      for (const fieldSet of fieldSetsOf(directive as ConstDirectiveNode)) {
        visit(parse(`{${fieldSet}}`, { noLocation: true }), {
          Field: ({ name }) => void names.add(name.value),
        });
      }
    },
  });
  return names;
}

function fieldSetsOf({ name, arguments: given = [] }: ConstDirectiveNode): string[] {
  const argument = { join__type: 'key', join__field: 'requires' }[name.value];
  return given.flatMap(({ name: { value: key }, value }) =>
    argument !== undefined && key === argument && value.kind === Kind.STRING ? [value.value] : [],
  );
}
