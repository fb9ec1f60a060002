import type { Resolvers } from '../generated/resolver-types.ts';
import { Course } from './course.ts';
import { DeadLetter } from './dead-letter.ts';
import { Mutation } from './mutation.ts';
import { Query } from './query.ts';
import { Statement } from './statement.ts';
import { IngestPartition, RecordStoreHealth, RecordStoreVolumes } from './store-health.ts';
import { StatementCounts } from './statement-counts.ts';
import { Subscription } from './subscription.ts';

/** All resolvers of schema.graphql. */
export const resolvers: Resolvers = {
  Query,
  Mutation,
  Subscription,
  Statement,
  StatementCounts,
  RecordStoreHealth,
  RecordStoreVolumes,
  IngestPartition,
  DeadLetter,
  Course,
};
