import { ClickHouseException } from '../exception.ts';
import type { Cursor } from './cursor.ts';
import { elementType, parseDataType, type DataType } from './data-type.ts';

/** Bytes of a value, by type. Source: https://clickhouse.com/docs/en/interfaces/formats/Native and src/DataTypes/Serializations. */
const FIXED_BYTES: Readonly<Record<string, number>> = {
  UInt8: 1, Int8: 1, Bool: 1, Enum8: 1, Nothing: 1,
  UInt16: 2, Int16: 2, Enum16: 2, Date: 2, BFloat16: 2,
  UInt32: 4, Int32: 4, Float32: 4, Date32: 4, DateTime: 4, Time: 4, IPv4: 4, Decimal32: 4,
  UInt64: 8, Int64: 8, Float64: 8, DateTime64: 8, Time64: 8, Decimal64: 8,
  UInt128: 16, Int128: 16, UUID: 16, IPv6: 16, Decimal128: 16,
  UInt256: 32, Int256: 32, Decimal256: 32,
}; // prettier-ignore

/** Types that are another's under a name of their own. */
const ALIASES: Readonly<Record<string, string>> = {
  Point: 'Tuple(Float64, Float64)',
  Ring: 'Array(Point)',
  LineString: 'Array(Point)',
  MultiLineString: 'Array(LineString)',
  Polygon: 'Array(Ring)',
  MultiPolygon: 'Array(Polygon)',
};

/** Version number that precedes a column for each LowCardinality in its type. */
const LOW_CARDINALITY_PREFIX_BYTES = 8;

/**
 * Moves over one column's data.
 *
 * @throws ClickHouseException NOT_IMPLEMENTED for a type without a plain layout (JSON, Dynamic, Variant, AggregateFunction)
 */
export function skipColumn(cursor: Cursor, type: string, rows: number): void {
  if (rows === 0) return;
  cursor.skip(countLowCardinality(type) * LOW_CARDINALITY_PREFIX_BYTES);
  skipValues(cursor, type, rows);
}

function skipValues(cursor: Cursor, text: string, rows: number): void {
  const type = normalise(parseDataType(text));
  const [first = ''] = type.arguments;
  const bytes = fixedBytes(type);
  if (bytes !== undefined) cursor.skip(bytes * rows);
  else if (type.name === 'String') skipStrings(cursor, rows);
  else if (type.name === 'Array') skipArrays(cursor, first, rows);
  else if (type.name === 'LowCardinality') skipLowCardinality(cursor, first, rows);
  else if (type.name === 'Tuple')
    for (const element of type.arguments) skipValues(cursor, elementType(element), rows);
  else if (type.name === 'Nullable') {
    cursor.skip(rows);
    skipValues(cursor, first, rows);
  } else throw notPlain(text);
}

function normalise(type: DataType): DataType {
  const [first = '', second = ''] = type.arguments;
  const alias = ALIASES[type.name];
  if (alias !== undefined) return parseDataType(alias);
  if (type.name === 'Map') return { name: 'Array', arguments: [`Tuple(${first}, ${second})`] };
  if (type.name === 'Nested') return { name: 'Array', arguments: [`Tuple(${type.arguments.join(', ')})`] };
  return type.name === 'SimpleAggregateFunction' ? normalise(parseDataType(second)) : type;
}

function fixedBytes({ name, arguments: [first = ''] }: DataType): number | undefined {
  if (name === 'FixedString') return Number(first);
  if (name === 'Decimal') return decimalBytes(Number(first));
  return name.startsWith('Interval') ? 8 : FIXED_BYTES[name];
}

function decimalBytes(precision: number): number {
  if (precision <= 9) return 4;
  if (precision <= 18) return 8;
  return precision <= 38 ? 16 : 32;
}

function skipStrings(cursor: Cursor, rows: number): void {
  for (let row = 0; row < rows; row += 1) cursor.skip(cursor.readVarUint());
}

// The rows' end offsets; the last one is the number of elements.
function skipArrays(cursor: Cursor, element: string, rows: number): void {
  if (rows === 0) return;
  cursor.skip(8 * (rows - 1));
  skipValues(cursor, element, cursor.readUInt64());
}

// Flags whose low byte is the keys' width (0: one byte ... 3: eight), the dictionary, the keys.
function skipLowCardinality(cursor: Cursor, element: string, rows: number): void {
  if (rows === 0) return;
  const keyBytes = 2 ** (cursor.readUInt64() % 256);
  const plain = parseDataType(element);
  skipValues(cursor, plain.name === 'Nullable' ? (plain.arguments[0] ?? '') : element, cursor.readUInt64());
  cursor.skip(keyBytes * cursor.readUInt64());
}

function countLowCardinality(type: string): number {
  return type.match(/\bLowCardinality\(/g)?.length ?? 0;
}

function notPlain(type: string): ClickHouseException {
  return new ClickHouseException(
    48,
    'NOT_IMPLEMENTED',
    `The type ${type} can't be sent in the format Native to a client of a newer protocol: select it as a String, or in another format`,
  );
}
