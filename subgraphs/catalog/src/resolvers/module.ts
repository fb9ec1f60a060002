import { found } from '@lyceum/graphql';
import type { ModuleResolvers } from '../generated/resolver-types.ts';

export const Module: ModuleResolvers = {
  __resolveReference: ({ id }, { load }) => load.module.load(id),

  items: ({ id }, _args, { load }) => load.itemsOfModule.load(id),

  course: ({ courseId }, _args, { load }) => found(load.course, 'course', courseId),

  activityIri: ({ id }, _args, { activityIri }) => activityIri(id),
};
