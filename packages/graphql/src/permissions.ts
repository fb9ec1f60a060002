import { forbidden, unauthenticated, type Role } from '@lyceum/service';
import type { GraphQLSchema } from 'graphql';
import type { IRules } from 'graphql-shield';
import { allow, applyMiddleware, deny, rule, shield } from './graphql-shield.ts';
import type { RequestContext } from './request-context.ts';

export { allow, deny };

/** Anyone with a valid access token. */
export const signedIn = rule('signedIn', { cache: 'contextual' })(
  (_parent, _args, context: RequestContext) => (context.viewer ? true : unauthenticated()),
);

/** A member with one of `roles` in the organisation that the token names. */
export function hasRole(...roles: Role[]) {
  return rule({ cache: 'contextual' })((_parent, _args, context: RequestContext) => {
    if (!context.viewer) return unauthenticated();
    if (context.viewer.roles.some((role) => roles.includes(role))) return true;
    return forbidden(`the role ${roles.join(' or ')}`);
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
