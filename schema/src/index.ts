export { composeSupergraph, CompositionError, type SubgraphSource } from './compose.ts';
export { readSubgraphs, subgraphPorts, type SubgraphName } from './subgraphs.ts';
export { apiSchema, breakingChanges, unaccepted, type BreakingChange } from './breaking-changes.ts';
