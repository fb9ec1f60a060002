import { agentsOfContext, groupsOfContext } from '../domain/context-agents.ts';
import { activitiesOf } from '../domain/courses-of-statements.ts';
import type { ContextActivitiesResolvers, StatementContextResolvers } from '../generated/resolver-types.ts';
import { jsonOf } from './statement-result.ts';

export const StatementContext: StatementContextResolvers = {
  contextActivities: ({ contextActivities }) => contextActivities ?? {},

  contextAgents: agentsOfContext,

  contextGroups: groupsOfContext,

  extensions: ({ extensions }) => jsonOf(extensions),
};

export const ContextActivities: ContextActivitiesResolvers = {
  parent: ({ parent }) => activitiesOf(parent),
  grouping: ({ grouping }) => activitiesOf(grouping),
  category: ({ category }) => activitiesOf(category),
  other: ({ other }) => activitiesOf(other),
};
