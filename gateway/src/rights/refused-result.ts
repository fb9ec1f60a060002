import {
  getNullableType,
  isListType,
  isNonNullType,
  type ExecutionResult,
  type GraphQLOutputType,
} from 'graphql';
import type { ProtectedField } from './operation-rights.ts';
import { refusalOf } from './refusal.ts';
import type { RefusedShape } from './refused-shape.ts';
import type { Asker } from './requirement.ts';

type Path = readonly (string | number)[];

interface Place {
  readonly path: Path;
  readonly field: ProtectedField;
}

/** What is refused in each of ten thousand elements of a list would be an answer of megabytes. */
const mostErrors = 100;

/**
 * The result of an allowed operation as one of the operation that was sent: null where a refused field would be, or
 * further out where it may not be null, and an error for each place.
 */
export function withRefusals<R extends ExecutionResult>(
  result: R,
  options: { shape: RefusedShape; mark: string; asker: Asker },
): R {
  const { shape, mark, asker } = options;
  const places: Place[] = [];

  function ofObject(value: object, { refused, fields }: RefusedShape, path: Path): unknown {
    const own = Object.create(null) as Record<string, unknown>;
    let lost = false;
    for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
      const field = ofType(refused.get(key), inner);
      const name = field ? key.slice(mark.length) : key;
      const known = fields.get(key);
      if (field) places.push({ path: [...path, name], field });
      // Where it is also selected in another way, which is allowed: what is refused once is not shown.
      if (!field && name in own) continue;
      own[name] = field ? null : known ? ofValue(inner, known.type, known.inner, [...path, name]) : inner;
      const type = field?.type ?? known?.type;
      lost ||= own[name] === null && type !== undefined && isNonNullType(type);
    }
    return lost ? null : own;
  }

  function ofValue(value: unknown, type: GraphQLOutputType, inner: RefusedShape, path: Path): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const nullable = getNullableType(type);
    if (!isListType(nullable) || !Array.isArray(value)) return ofObject(value, inner, path);
    const elementType = nullable.ofType;
    const elements = value.map((each, index) => ofValue(each, elementType, inner, [...path, index]));
    return isNonNullType(elementType) && elements.includes(null) ? null : elements;
  }

  if (!result.data) return result;
  const data = ofObject(result.data, shape, []) as R['data'];
  const errors = [...(result.errors ?? []), ...errorsAt(places, asker)];
  return { ...result, ...(errors.length > 0 ? { errors } : {}), data };
}

/** A mark holds the name of its object's type: of fields of one response name, that is whose it is. */
function ofType(
  fields: readonly ProtectedField[] | undefined,
  typename: unknown,
): ProtectedField | undefined {
  return fields?.find(({ coordinate }) => coordinate.startsWith(`${String(typename)}.`)) ?? fields?.[0];
}

function errorsAt(places: readonly Place[], asker: Asker) {
  const more = places.length - mostErrors;
  return places.slice(0, mostErrors).map(({ path, field }, index) => {
    const isLast = more > 0 && index === mostErrors - 1;
    return refusalOf(field, asker, { path, ...(isLast ? { more } : {}) });
  });
}
