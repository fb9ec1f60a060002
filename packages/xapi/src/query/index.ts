export { agentIsActorOrObject, agentIsRelated, agentsOfStatement } from './agent-condition.ts';
export { isComparable, largestLimit, type StatementFilter, type StatementPlace } from './statement-filter.ts';
export type { Narrowing, StatementPage } from './statement-page.ts';
export { isVoidedNow } from './statement-conditions.ts';
export { countQuery, placesQuery, type BoundQuery } from './places-query.ts';
export { definitionsQuery, joinDefinitions, type DefinitionPart } from './definitions-query.ts';
export { atPlaces, placeRows } from './at-places.ts';
export { isFoundBy } from './is-found-by.ts';
export { dueCondition, type BoundCondition, type DueRule } from './due-condition.ts';
