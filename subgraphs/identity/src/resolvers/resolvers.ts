import type { Resolvers } from '../generated/resolver-types.ts';
import { Group } from './group.ts';
import { AuditEvent } from './audit-event.ts';
import { Invitation } from './invitation.ts';
import { CustomRole } from './custom-role.ts';
import { Grant } from './grant.ts';
import { ApiClient } from './api-client.ts';
import { IdentityProvider, SignOnProvider } from './identity-provider.ts';
import { LrsKey } from './lrs-key.ts';
import { Mutation } from './mutation.ts';
import { Organisation } from './organisation.ts';
import { PrivacyJob, PrivacyJobPart, PrivacyReportRow } from './privacy-job.ts';
import { Query } from './query.ts';
import { Session } from './session.ts';
import { Subscription } from './subscription.ts';
import { User } from './user.ts';
import { UserImport } from './user-import.ts';
import { Viewer } from './viewer.ts';

/** All resolvers of schema.graphql. */
export const resolvers: Resolvers = {
  Query,
  Mutation,
  Viewer,
  Session,
  User,
  Organisation,
  Group,
  UserImport,
  Subscription,
  PrivacyJob,
  PrivacyJobPart,
  PrivacyReportRow,
  Invitation,
  CustomRole,
  Grant,
  LrsKey,
  ApiClient,
  IdentityProvider,
  SignOnProvider,
  AuditEvent,
};
