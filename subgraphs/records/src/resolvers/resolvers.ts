import type { Resolvers } from '../generated/resolver-types.ts';
import { Course } from './course.ts';
import { Mutation } from './mutation.ts';
import { Query } from './query.ts';
import { Statement } from './statement.ts';
import { StatementForwarding } from './statement-forwarding.ts';
import { StoreJob } from './store-job.ts';
import { Subscription } from './subscription.ts';

/** All resolvers of schema.graphql. */
export const resolvers: Resolvers = {
  Query,
  Mutation,
  Subscription,
  Statement,
  Course,
  StoreJob,
  StatementForwarding,
};
