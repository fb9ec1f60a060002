import type { Resolvers } from '../generated/resolver-types.ts';
import { CourseProgress } from './course-progress.ts';
import { Course } from './course.ts';
import { Enrolment } from './enrolment.ts';
import { ItemProgress } from './item-progress.ts';
import { ModuleProgress } from './module-progress.ts';
import { Mutation } from './mutation.ts';
import { Query } from './query.ts';
import { Subscription } from './subscription.ts';
import { User } from './user.ts';

/** All resolvers of schema.graphql. */
export const resolvers: Resolvers = {
  Query,
  Mutation,
  Subscription,
  Enrolment,
  CourseProgress,
  ModuleProgress,
  ItemProgress,
  Course,
  User,
};
