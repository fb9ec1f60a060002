import type { Resolvers } from '../generated/resolver-types.ts';
import { Activity } from './activity.ts';
import { Agent } from './agent.ts';
import { Course } from './course.ts';
import { DeadLetter } from './dead-letter.ts';
import { Mutation } from './mutation.ts';
import { Query } from './query.ts';
import { StatementAttachment } from './statement-attachment.ts';
import { ContextActivities, StatementContext } from './statement-context.ts';
import { StatementObject, StatementReference, SubStatement } from './statement-object.ts';
import { StatementResult, StatementScore } from './statement-result.ts';
import { Statement } from './statement.ts';
import { StatementCounts } from './statement-counts.ts';
import { StatementForwarding } from './statement-forwarding.ts';
import { IngestPartition, RecordStoreHealth, RecordStoreVolumes } from './store-health.ts';
import { StoreJob } from './store-job.ts';
import { StoreRetention } from './store-retention.ts';
import { StatementReceived, Subscription } from './subscription.ts';
import { Verb } from './verb.ts';

/** All resolvers of schema.graphql. */
export const resolvers: Resolvers = {
  Query,
  Mutation,
  Subscription,
  StatementReceived,
  Statement,
  StatementObject,
  StatementReference,
  SubStatement,
  StatementResult,
  StatementScore,
  StatementContext,
  ContextActivities,
  StatementAttachment,
  StatementCounts,
  StatementForwarding,
  RecordStoreHealth,
  RecordStoreVolumes,
  IngestPartition,
  Activity,
  Agent,
  Verb,
  DeadLetter,
  Course,
  StoreJob,
  StoreRetention,
};
