import type { Resolvers } from '../generated/resolver-types.ts';
import { AuditEvent } from './audit-event.ts';
import { ApiClient } from './api-client.ts';
import { LrsKey } from './lrs-key.ts';
import { Mutation } from './mutation.ts';
import { Organisation } from './organisation.ts';
import { Query } from './query.ts';
import { Session } from './session.ts';
import { User } from './user.ts';
import { Viewer } from './viewer.ts';

/** All resolvers of schema.graphql. */
export const resolvers: Resolvers = {
  Query,
  Mutation,
  Viewer,
  Session,
  User,
  Organisation,
  LrsKey,
  ApiClient,
  AuditEvent,
};
