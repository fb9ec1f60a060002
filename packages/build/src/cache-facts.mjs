/** Arguments that choose a page of a list, not another list. */
const pageArguments = new Set(['first', 'after', 'last', 'before']);

/**
 * What a normalised cache has to know of a schema, as TypeScript.
 *
 * @param {import('graphql').GraphQLSchema} schema
 * @returns {string}
 */
export function cacheFacts(schema) {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  const objects = types.filter((type) => 'getFields' in type && 'getInterfaces' in type && !isAbstract(type));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const facts = {
    possibleTypes: possibleTypes(schema, types),
    keyFields: keyFields(
      objects.filter((type) => !roots.includes(type)),
      schema,
    ),
    connections: connections(objects),
  };
  const lines = Object.entries(facts).map(
    ([name, value]) =>
      `/** ${about[name]} */\nexport const ${name}: ${typesOf[name]} = ${JSON.stringify(value, null, 2)};\n`,
  );
  return `/* Generated from the graph; see packages/build. */\n\n${lines.join('\n')}`;
}

const about = {
  possibleTypes: 'Which objects an interface or a union may be.',
  keyFields:
    'By which fields an object is known again; none where there is one of its type; false where it is a part of another.',
  connections:
    'Fields that are lists in pages, as `Type.field`, with the arguments that choose another list.',
};

const typesOf = {
  possibleTypes: 'Readonly<Record<string, string[]>>',
  keyFields: 'Readonly<Record<string, readonly string[] | false>>',
  connections: 'Readonly<Record<string, readonly string[]>>',
};

const isAbstract = (type) => 'getTypes' in type || 'resolveType' in type;

function possibleTypes(schema, types) {
  return Object.fromEntries(
    types.filter(isAbstract).map((type) => [
      type.name,
      schema
        .getPossibleTypes(type)
        .map(({ name }) => name)
        .sort(),
    ]),
  );
}

/** An IRI is no key: what a verb or an activity is called depends on the statement that it stands in. */
function keyFields(objects, schema) {
  const singletons = singletonsOf(objects, schema);
  return Object.fromEntries(
    objects.map((type) => {
      const hasId = String(type.getFields().id?.type) === 'ID!';
      return [type.name, hasId ? ['id'] : singletons.has(type) ? [] : false];
    }),
  );
}

/** Types that stand nowhere but at a root field without arguments, and in no list: the viewer, the health of the store. */
function singletonsOf(objects, schema) {
  const roots = [schema.getQueryType(), schema.getSubscriptionType()].filter(Boolean);
  const alone = new Set();
  const others = new Set();
  for (const type of [...roots, ...objects, schema.getMutationType()].filter(Boolean)) {
    for (const field of Object.values(type.getFields())) {
      const isAlone = roots.includes(type) && field.args.length === 0 && !isList(field.type);
      (isAlone ? alone : others).add(namedOf(field.type));
    }
  }
  return new Set([...alone].filter((type) => !others.has(type)));
}

const isList = (type) => String(type).includes('[');

function namedOf(type) {
  return type.ofType ? namedOf(type.ofType) : type;
}

function connections(objects) {
  return Object.fromEntries(
    objects.flatMap((type) =>
      Object.values(type.getFields())
        .filter(
          (field) =>
            /Connection!?$/.test(String(field.type)) && field.args.some(({ name }) => name === 'after'),
        )
        .map((field) => [
          `${type.name}.${field.name}`,
          field.args.map(({ name }) => name).filter((name) => !pageArguments.has(name)),
        ]),
    ),
  );
}
