import { createRequire } from 'node:module';
import util from 'node:util';
import type * as GraphQLMiddleware from 'graphql-middleware';
import type * as GraphQLShield from 'graphql-shield';

// graphql-shield 7.6.5 calls util.isUndefined, which Node 23 has removed. Its ES modules would not even link there; its
// CommonJS looks the function up when it calls it, and finds this one.
const removed = util as { isUndefined?: (value: unknown) => boolean };
removed.isUndefined ??= (value) => value === undefined;

const require = createRequire(import.meta.url);

export const { allow, deny, rule, shield } = require('graphql-shield') as typeof GraphQLShield;

/** Of the same kind of modules: it knows graphql-shield's work by the class that it was made with. */
export const { applyMiddleware } = require('graphql-middleware') as typeof GraphQLMiddleware;
