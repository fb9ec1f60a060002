import { idPrefix } from '@lyceum/service';
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
      verb: name,
      statements,
    })),

  byActivity: async (count, { first }, { statementCounts, names }) =>
    (await statementCounts.activities(count, first ?? unlessTold)).map(({ name, statements }) => {
      const id = names.idOf(name);
      const contentItem = id !== null && idPrefix(id) === 'item' ? { id } : null;
      return { activity: name, contentItem, statements };
    }),

  byCourse: async (count, { first }, { statementCounts }) =>
    (await statementCounts.courses(count, first ?? unlessTold)).map(({ name, statements }) => ({
      course: { id: name },
      statements,
    })),

  byActor: async (count, { first }, { statementCounts, names }) =>
    (await statementCounts.actors(count, first ?? unlessTold)).map(({ name, statements }) => {
      const id = names.userOf(name);
      return { identifier: name, actor: id === null ? null : { id }, statements };
    }),
};
