import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
} from 'graphql';
import { leafWriter } from './leaf.ts';
import { listWriter, nonNullWriter } from './wrapped.ts';
import { isInherited, isObject, ownValue, type JsonObject } from './objects.ts';
import { collectFields, type CollectedField, type Reading, type Selected } from './selections.ts';
import {
  describe,
  faulty,
  none,
  refused,
  tellFault,
  type Write,
  type Writing,
  type Written,
} from './written.ts';

/** What the shape of an answer is made of. */
export interface ShapeReading extends Reading {
  /** The response name under which a field of the document was fetched. */
  readonly fetchedName: (field: FieldNode) => string;
}

/** Writes one field of an object, with its name before it. */
interface FieldWriter {
  readonly key: string;
  readonly write: (object: JsonObject, writing: Writing) => Written;
}

/** What is said of a value that is not what the schema says. */
interface Place {
  /** The type that has the field. */
  readonly parent: string;
}

/**
 * A function that writes what an operation selects of an object, and no more, with nulls where the schema has them
 * (https://spec.graphql.org/October2021/#sec-Handling-Field-Errors). What it does for each type of object is decided once.
 *
 * @param of the selections, one for each time that the field is selected
 */
export function objectWriter(
  declared: GraphQLCompositeType,
  of: readonly Selected[],
  reading: ShapeReading,
  { parent }: Place,
): Write {
  const byType = new Map<string, readonly FieldWriter[]>();

  /** undefined where it is not a type that clients know. */
  function fieldsOf(name: string): readonly FieldWriter[] | undefined {
    const known = byType.get(name);
    if (known) return known;
    const own = name === '' ? undefined : reading.schema.getType(name);
    if (name !== '' && !isCompositeType(own)) return undefined;
    const fields = fieldWriters(declared, isCompositeType(own) ? own : undefined, of, reading);
    byType.set(name, fields);
    return fields;
  }

  return (value, writing) => {
    if (value === null || value === undefined) return none;
    if (!isObject(value)) {
      tellFault(writing, `Invalid value found for ${describe(writing, declared.name, parent)}.`);
      return faulty;
    }
    const { __typename: typename } = value;
    const fields = fieldsOf(typeof typename === 'string' ? typename : '');
    if (fields) return writeObject(fields, value, writing);
    tellFault(writing, `Invalid __typename found for object at ${describe(writing, declared.name, parent)}.`);
    return faulty;
  };
}

function writeObject(fields: readonly FieldWriter[], object: JsonObject, writing: Writing): Written {
  let text = '';
  for (const { key, write } of fields) {
    const written = write(object, writing);
    if (written === refused) return faulty;
    text += key + (typeof written === 'string' ? written : 'null');
  }
  return text === '' ? '{}' : `${text}}`;
}

function fieldWriters(
  declared: GraphQLCompositeType,
  own: GraphQLCompositeType | undefined,
  of: readonly Selected[],
  reading: ShapeReading,
): readonly FieldWriter[] {
  const collected = new Map<string, CollectedField>();
  for (const selected of of) collectFields(selected, own, reading, collected);
  return [...collected].map(([name, field], index) => ({
    key: `${index === 0 ? '{' : ','}"${name}":`,
    write: fieldWriter(name, field, own ?? declared, declared, reading),
  }));
}

function fieldWriter(
  name: string,
  field: CollectedField,
  own: GraphQLCompositeType,
  declared: GraphQLCompositeType,
  reading: ShapeReading,
): FieldWriter['write'] {
  const [{ node, parent }] = field;
  const fetched = reading.fetchedName(node);
  if (node.name.value === '__typename') return typenameWriter(fetched, own, reading);
  if (node.name.value.startsWith('__'))
    return (_object, { introspect }) => introspect(field.map((selected) => selected.node));
  const type = typeOf(field[0]);
  const said = parent === declared ? own.name : parent.name;
  const write = type ? valueWriter(type, field, reading, { parent: said }) : (): Written => none;
  const read = isInherited(fetched)
    ? (object: JsonObject) => ownValue(object, fetched)
    : (object: JsonObject) => object[fetched];
  return (object, writing) => {
    writing.path.push(name);
    const written = write(read(object), writing);
    writing.path.pop();
    return written;
  };
}

/**
 * Of a root object no subgraph is asked, and one that knows an interface as an object (@interfaceObject) answers with the
 * interface's name: where nothing says what the object is, there is none for the client.
 */
function typenameWriter(
  fetched: string,
  own: GraphQLCompositeType,
  { schema }: ShapeReading,
): FieldWriter['write'] {
  return (object): Written => {
    const said = object[fetched] ?? object['__typename'];
    const type = (typeof said === 'string' ? schema.getType(said) : undefined) ?? own;
    return isObjectType(type) ? `"${type.name}"` : refused;
  };
}

function valueWriter(
  type: GraphQLOutputType,
  field: CollectedField,
  reading: ShapeReading,
  place: Place,
): Write {
  const within = (inner: GraphQLOutputType) => valueWriter(inner, field, reading, place);
  if (isNonNullType(type)) {
    const inner = getNullableType(type);
    return nonNullWriter(within(inner), String(inner), place.parent);
  }
  if (isListType(type)) return listWriter(within(type.ofType), String(type), place.parent);
  if (isLeafType(type)) return leafWriter(type, place.parent);
  return objectWriter(type, setsOf(field), reading, place);
}

function setsOf(field: CollectedField): Selected[] {
  return field.flatMap((selected) => {
    const set = selected.node.selectionSet;
    const type = typeOf(selected);
    const parent = type && getNamedType(type);
    return set && isCompositeType(parent) ? [{ set, parent }] : [];
  });
}

function typeOf({ node, parent }: CollectedField[0]): GraphQLOutputType | undefined {
  return 'getFields' in parent ? parent.getFields()[node.name.value]?.type : undefined;
}
