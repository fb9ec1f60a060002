export type { AroundMutation, MutationCall } from './around-mutations.ts';
export { createSubgraph, type SubgraphOptions } from './subgraph.ts';
export {
  connection,
  type Connection,
  type ConnectionArguments,
  type ConnectionSource,
  type Page,
} from './connection.ts';
export { decodeCursor, encodeCursor, type CursorKey } from './cursor.ts';
export { payload, type UserErrorShape } from './payload.ts';
export { allow, can, deny, protect } from './permissions.ts';
export { scalars } from './scalars.ts';
export { requireLogin, requirePerson, requireViewer, type RequestContext } from './request-context.ts';
export { found, loaderById } from './loader.ts';
export { byParent, loaderByArguments } from './loader-by-arguments.ts';
export { loaderOfMany } from './loader-of-many.ts';
export { viewerOf } from './authenticate.ts';
export { formatGraphQLError } from './format-error.ts';
