import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped, type ValueNode } from 'graphql';

const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const duration =
  /^P(?!$)(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?(T(?=\d)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?$/;

/** The scalars of the whole graph; a subgraph declares those it uses. */
export const scalars = {
  DateTime: new GraphQLScalarType<Date, string>({
    name: 'DateTime',
    description: 'An instant, ISO 8601 with a time zone: 2026-11-21T09:30:00.000Z.',
    serialize: (value) => (value instanceof Date ? value : new Date(String(value))).toISOString(),
    parseValue: parseDateTime,
    parseLiteral: (node) => parseDateTime(stringOf(node, 'DateTime')),
  }),
  Duration: textScalar('Duration', 'A span of time, ISO 8601: PT1H30M.', (text) => duration.test(text)),
  URL: textScalar('URL', 'An absolute URL (WHATWG URL Standard).', (text) => URL.canParse(text)),
  Locale: textScalar('Locale', 'A language tag (BCP 47): en-GB.', isLocale),
  JSON: new GraphQLScalarType<unknown>({
    name: 'JSON',
    description: 'Whatever JSON can say, where another specification says what it is.',
    serialize: (value) => value,
    parseValue: (value) => value,
    parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
  }),
};

function parseDateTime(value: unknown): Date {
  const parsed = typeof value === 'string' && dateTime.test(value) ? new Date(value) : undefined;
  if (parsed && !Number.isNaN(parsed.getTime())) return parsed;
  throw new GraphQLError(`Not a DateTime: ${JSON.stringify(value)}. Write it as 2026-11-21T09:30:00Z.`);
}

function textScalar(name: string, description: string, valid: (text: string) => boolean) {
  const parse = (value: unknown): string => {
    if (typeof value === 'string' && valid(value)) return value;
    throw new GraphQLError(`Not a ${name}: ${JSON.stringify(value)}. ${description}`);
  };
  return new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: parse,
    parseValue: parse,
    parseLiteral: (node) => parse(stringOf(node, name)),
  });
}

function stringOf(node: ValueNode, scalar: string): string {
  if (node.kind === Kind.STRING) return node.value;
  throw new GraphQLError(`A ${scalar} is written as a string.`, { nodes: [node] });
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
