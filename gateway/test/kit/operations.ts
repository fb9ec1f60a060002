import fc from 'fast-check';
import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

const conditions = [
  '',
  '',
  '',
  '',
  '',
  '',
  ' @skip(if: $yes)',
  ' @include(if: $yes)',
  ' @include(if: $no)',
  ' @skip(if: true)',
];
const condition = fc.constantFrom(...conditions);

/** Operations of a schema, as clients might write them: aliases, fragments, conditions, and what they select twice. */
export function operationsOf(schema: GraphQLSchema): fc.Arbitrary<string> {
  const root = schema.getQueryType();
  if (!root) throw new Error('The schema has no queries');
  return selections(schema, root, 4).map(
    (selected) => `query Q($yes: Boolean!, $no: Boolean = false, $id: ID!, $most: Int) ${selected}
      fragment W on Work { title ...B ... on Film { minutes lead { id } } }
      fragment B on Book { id pages size { depth height } }`,
  );
}

function selections(schema: GraphQLSchema, type: GraphQLCompositeType, depth: number): fc.Arbitrary<string> {
  const fields = isUnionType(type) ? [] : Object.values(type.getFields());
  const usable = fields.filter((field) => depth > 1 || !isCompositeType(getNamedType(field.type)));
  const one = fc.oneof(
    {
      weight: 6,
      arbitrary: usable.length > 0 ? oneOf(usable, (field) => fieldOf(schema, field, depth)) : typename,
    },
    { weight: 1, arbitrary: typename },
    { weight: 2, arbitrary: fragmentOf(schema, type, depth) },
  );
  return fc.array(one, { minLength: 1, maxLength: 5 }).map((all) => `{ ${all.join(' ')} }`);
}

const typename = fc.constantFrom('__typename', 'kind: __typename');

function oneOf<T>(values: readonly T[], make: (value: T) => fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.constantFrom(...values).chain(make);
}

function fieldOf(
  schema: GraphQLSchema,
  { name, args, type }: GraphQLField<unknown, unknown>,
  depth: number,
): fc.Arbitrary<string> {
  const named = getNamedType(type);
  const given = args.length === 0 ? fc.constant('') : fc.constantFrom(...argumentsOf(args[0]?.name ?? ''));
  const inner = isCompositeType(named) ? selections(schema, named, depth - 1) : fc.constant('');
  const alias = fc.constantFrom('', '', '', `a_${name}: `, `constructor_${name}: `);
  return fc.tuple(alias, given, condition, inner).map((parts) => {
    const [own, argument, directive, selected] = parts;
    return `${own}${name}${argument}${directive} ${selected}`;
  });
}

function argumentsOf(name: string): string[] {
  if (name === 'id') return ['(id: $id)'];
  return name === 'most' ? ['', '(most: $most)', '(most: 2)'] : ['', '(unit: "inch")'];
}

function fragmentOf(schema: GraphQLSchema, type: GraphQLCompositeType, depth: number): fc.Arbitrary<string> {
  const possible: readonly GraphQLObjectType[] = isAbstractType(type)
    ? schema.getPossibleTypes(type)
    : [type];
  const inner = oneOf(possible, (own) =>
    fc
      .tuple(selections(schema, own, depth - 1 || 1), condition)
      .map(([selected, directive]) => `... on ${own.name}${directive} ${selected}`),
  );
  const spreads = { Work: ['...W'], Book: ['...B', '...W'], Film: ['...W'], Found: ['...B'] }[type.name];
  return spreads ? fc.oneof(inner, fc.constantFrom(...spreads)) : inner;
}
