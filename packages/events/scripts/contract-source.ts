/**
 * Derives TypeScript from the contracts in schema/events/: the types of the events' data, and the list of schemas
 * that a bundle takes along. Supports what those contracts use; anything else is an error, so that the types never
 * say less than the schema.
 */

/** The part of JSON Schema 2020-12 that the contracts use. */
export interface Schema {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: string | number;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  /** Several where services answer each on its own topic. */
  readonly 'x-topic'?: string | readonly string[];
}

/** By file name: `course.created.v1.json` is an event, `course.v1.json` a shape that events share. */
export type Contracts = ReadonlyMap<string, Schema>;

const HEADER = '// Made from schema/events/ by the build.\n';

const isEvent = (file: string): boolean => /^[a-z-]+\.[a-z-]+\.v\d+\.json$/.test(file);
const isShape = (file: string): boolean =>
  /^[a-z-]+\.v\d+\.json$/.test(file) && !file.startsWith('envelope.');

/** The text of src/contracts/generated/event-data.ts. */
export function eventDataSource(contracts: Contracts): string {
  const shapes = [...contracts].filter(([file]) => isShape(file));
  const events = [...contracts].filter(([file]) => isEvent(file));
  return [
    HEADER,
    ...shapes.map(
      ([file, schema]) =>
        `${comment(schema, '')}export interface ${shapeName(file)} ${objectType(schema, '')}\n`,
    ),
    '/** The data of each type of event. */',
    'export interface EventData {',
    ...events.map(([, schema]) => eventEntry(schema)),
    '}\n',
    '/** The topic of each type of event; several where each service tells it on its own. */',
    'export const topicOfEvent = {',
    ...events.map(([, schema]) => `  '${schema.title ?? ''}': ${topicSource(schema)},`),
    '} as const satisfies Record<keyof EventData, string | readonly string[]>;\n',
  ].join('\n');
}

/** The text of src/contracts/generated/event-schemas.ts. */
export function eventSchemasSource(contracts: Contracts): string {
  const files = [...contracts.keys()];
  const name = (file: string) =>
    file.replace(/\.json$/, '').replace(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase());
  return [
    HEADER,
    ...files.map(
      (file) => `import ${name(file)} from '../../../../../schema/events/${file}' with { type: 'json' };`,
    ),
    '',
    '/** Every contract, by the name of its file. */',
    'export const eventSchemas = {',
    ...files.map((file) => `  '${file}': ${name(file)},`),
    '};\n',
  ].join('\n');
}

function eventEntry(schema: Schema): string {
  const data = schema.properties?.['data'];
  if (data === undefined) throw new Error(`${schema.title ?? '?'} has no data`);
  return `${comment(schema, '  ')}  '${schema.title ?? ''}': ${objectType(data, '  ')};`;
}

function topicSource({ 'x-topic': topic = '' }: Schema): string {
  return typeof topic === 'string' ? `'${topic}'` : `[${topic.map((each) => `'${each}'`).join(', ')}]`;
}

function shapeName(file: string): string {
  const [word = ''] = file.split('.');
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}State`;
}

function comment({ description }: Schema, indent: string): string {
  return description === undefined ? '' : `${indent}/** ${description} */\n`;
}

function typeOf(schema: Schema, indent: string): string {
  if (schema.$ref !== undefined) return shapeName(schema.$ref);
  if (schema.enum !== undefined) return schema.enum.map((value) => `'${value}'`).join(' | ');
  const types = [schema.type ?? []].flat();
  if (types.length === 0) throw new Error(`A schema without a type: ${JSON.stringify(schema)}`);
  return types.map((type) => plainType(type, schema, indent)).join(' | ');
}

function plainType(type: string, schema: Schema, indent: string): string {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `readonly (${typeOf(schema.items ?? {}, indent)})[]`;
    case 'object':
      return objectType(schema, indent);
    default:
      throw new Error(`The type ${type} is not supported`);
  }
}

function objectType({ properties = {}, required = [] }: Schema, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([key, schema]) => {
    const optional = required.includes(key) ? '' : '?';
    return `${comment(schema, inner)}${inner}readonly ${key}${optional}: ${typeOf(schema, inner)};`;
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}
