import { GraphQLError } from 'graphql';
import type { ProtectedField } from './operation-rights.ts';
import { asExtension, described, unmet, type Asker } from './requirement.ts';

/** @param where.more how many more places there are, of which nothing is said */
export function refusalOf(
  { coordinate, requirement }: ProtectedField,
  asker: Asker,
  where: { path?: readonly (string | number)[]; more?: number } = {},
): GraphQLError {
  const { path, more } = where;
  const missing = unmet(requirement, asker);
  const others = more === undefined ? '' : ` So do fields in ${more} more places, or they need other things.`;
  return new GraphQLError(`${coordinate} needs ${described(missing)}.${others}`, {
    ...(path ? { path } : {}),
    extensions: {
      code: 'UNAUTHORIZED_FIELD_OR_TYPE',
      field: coordinate,
      missing: asExtension(missing),
      ...(more === undefined ? {} : { more }),
    },
  });
}
