import { forbidden, unauthenticated, viewerMaySomewhere, type PermissionName } from '@lyceum/service';
import type { GraphQLSchema } from 'graphql';
import type { IRules } from 'graphql-shield';
import { allow, applyMiddleware, deny, rule, shield } from './graphql-shield.ts';
import type { RequestContext } from './request-context.ts';

export { allow, deny };

/**
 * Who holds one of the permissions, for anything at all in the organisation that the token names. Where a permission can
 * be granted for a course, the domain asks again, for that one. The first is named to who holds none.
 */
export function can(...permissions: [PermissionName, ...PermissionName[]]) {
  return rule({ cache: 'contextual' })((_parent, _args, { viewer }: RequestContext) => {
    if (!viewer) return unauthenticated();
    return permissions.some((name) => viewerMaySomewhere(viewer, name)) || forbidden(permissions[0]);
  });
}

/**
 * Puts the rules of permissions.ts around a schema. Who may call what is said for each root field: a field that no
 * rule names is denied, so that a new one is closed until somebody opens it.
 *
 * A subscription field must have `subscribe` alone: where it also has `resolve`, only that would be wrapped.
 */
export function protect(schema: GraphQLSchema, rules: Record<'Query' | 'Mutation' | 'Subscription', object>) {
  const roots = Object.fromEntries(
    Object.entries(rules)
      .filter(([type]) => schema.getType(type) !== undefined)
      .map(([type, fields]) => [type, { '*': deny, ...fields }]),
  );
  const federation = { _service: allow, _entities: allow };
  const tree = { ...roots, Query: { '*': deny, ...federation, ...rules.Query } } as IRules;
  return applyMiddleware(schema, shield(tree, { allowExternalErrors: true, fallbackRule: allow }));
}
