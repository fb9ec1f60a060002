import { found } from '@lyceum/graphql';
import type { ContentItemResolvers } from '../generated/resolver-types.ts';

export const ContentItem: ContentItemResolvers = {
  __resolveReference: ({ id }, { load }) => load.contentItem.load(id),

  assessment: ({ assessmentId }) => (assessmentId === null ? null : { id: assessmentId }),

  module: ({ moduleId }, _args, { load }) => found(load.module, 'module', moduleId),

  course: ({ courseId }, _args, { load }) => found(load.course, 'course', courseId),

  activityIri: ({ id }, _args, { activityIri }) => activityIri(id),
};
