import { isEnumType, type GraphQLLeafType } from 'graphql';
import { quote } from './quote.ts';
import { describe, faulty, none, tellFault, type Write } from './written.ts';

/** The JSON of a value that is one of the type's, or undefined. */
type Valid = (value: unknown) => string | undefined;

const integer = /^-?\d+$/;
const text: Valid = (value) => (typeof value === 'string' ? quote(value) : undefined);
const wholeNumber: Valid = (value) =>
  typeof value === 'number' && integer.test(String(value)) ? String(value) : undefined;

/** As @apollo/gateway has it (`isValidLeafValue`): of a scalar that is not GraphQL's own, anything is valid. */
const ofScalar: Readonly<Record<string, Valid>> = {
  String: text,
  ID: (value) => text(value) ?? wholeNumber(value),
  Int: wholeNumber,
  Float: (value) => (typeof value === 'number' ? String(value) : undefined),
  Boolean: (value) => (typeof value === 'boolean' ? String(value) : undefined),
};

/** Writes scalars and enums. @param parent the type whose field it is */
export function leafWriter(type: GraphQLLeafType, parent: string): Write {
  const { name } = type;
  const valid = isEnumType(type)
    ? (value: unknown) => (typeof value === 'string' && type.getValue(value) ? `"${value}"` : undefined)
    : (ofScalar[name] ?? JSON.stringify);
  return (value, writing) => {
    if (value === null || value === undefined) return none;
    const written = valid(value);
    if (written !== undefined) return written;
    tellFault(writing, `Invalid value found for ${describe(writing, name, parent)}.`);
    return faulty;
  };
}
