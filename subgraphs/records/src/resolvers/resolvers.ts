import type { Resolvers } from '../generated/resolver-types.ts';
import { Course } from './course.ts';
import { Query } from './query.ts';
import { Statement } from './statement.ts';
import { IngestPartition, RecordStoreHealth, RecordStoreVolumes } from './store-health.ts';
import { StatementCounts } from './statement-counts.ts';
import { Subscription } from './subscription.ts';

/** All resolvers of schema.graphql. */
export const resolvers: Resolvers = {
  Query,
  Subscription,
  Statement,
  StatementCounts,
  RecordStoreHealth,
  RecordStoreVolumes,
  IngestPartition,
  Course,
};
