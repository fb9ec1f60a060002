import { identifierOfKey } from '@lyceum/xapi';
import type { StatementCountsResolvers } from '../generated/resolver-types.ts';

const unlessTold = 10;

export const StatementCounts: StatementCountsResolvers = {
  since: ({ scope }) => new Date(scope.start * 1000),

  until: ({ scope }) => new Date(scope.end * 1000),

  total: (count, _args, { statementCounts }) => statementCounts.total(count),

  actors: (count, _args, { statementCounts }) => statementCounts.distinctActors(count),

  series: (count, { granularity }, { statementCounts }) => statementCounts.series(count, granularity),

  byVerb: async (count, { first }, { statementCounts }) =>
    (await statementCounts.verbs(count, first ?? unlessTold)).map(({ name, statements }) => ({
      verb: { id: name },
      statements,
    })),

  byActivity: async (count, { first }, { statementCounts }) =>
    (await statementCounts.activities(count, first ?? unlessTold)).map(({ name, statements }) => ({
      activity: { id: name },
      statements,
    })),

  byCourse: async (count, { first }, { statementCounts }) =>
    (await statementCounts.courses(count, first ?? unlessTold)).map(({ name, statements }) => ({
      course: { id: name },
      statements,
    })),

  byActor: async (count, { first }, { statementCounts }) =>
    (await statementCounts.actors(count, first ?? unlessTold)).map(({ name, statements }) => ({
      actor: identifierOfKey(name) ?? {},
      statements,
    })),
};
