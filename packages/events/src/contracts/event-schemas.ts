// Made from schema/events/ by "npm run contracts -w @lyceum/events"; a test keeps it true.

import attemptGradedV1 from '../../../../schema/events/attempt.graded.v1.json' with { type: 'json' };
import attemptStartedV1 from '../../../../schema/events/attempt.started.v1.json' with { type: 'json' };
import attemptSubmittedV1 from '../../../../schema/events/attempt.submitted.v1.json' with { type: 'json' };
import attemptV1 from '../../../../schema/events/attempt.v1.json' with { type: 'json' };
import courseArchivedV1 from '../../../../schema/events/course.archived.v1.json' with { type: 'json' };
import courseCompletedV1 from '../../../../schema/events/course.completed.v1.json' with { type: 'json' };
import courseCreatedV1 from '../../../../schema/events/course.created.v1.json' with { type: 'json' };
import coursePublishedV1 from '../../../../schema/events/course.published.v1.json' with { type: 'json' };
import courseUpdatedV1 from '../../../../schema/events/course.updated.v1.json' with { type: 'json' };
import courseV1 from '../../../../schema/events/course.v1.json' with { type: 'json' };
import enrolmentCreatedV1 from '../../../../schema/events/enrolment.created.v1.json' with { type: 'json' };
import enrolmentV1 from '../../../../schema/events/enrolment.v1.json' with { type: 'json' };
import enrolmentWithdrawnV1 from '../../../../schema/events/enrolment.withdrawn.v1.json' with { type: 'json' };
import envelopeV1 from '../../../../schema/events/envelope.v1.json' with { type: 'json' };
import lrsKeyCreatedV1 from '../../../../schema/events/lrs-key.created.v1.json' with { type: 'json' };
import lrsKeyRevokedV1 from '../../../../schema/events/lrs-key.revoked.v1.json' with { type: 'json' };
import membershipChangedV1 from '../../../../schema/events/membership.changed.v1.json' with { type: 'json' };
import moduleCompletedV1 from '../../../../schema/events/module.completed.v1.json' with { type: 'json' };
import organisationCreatedV1 from '../../../../schema/events/organisation.created.v1.json' with { type: 'json' };
import progressChangedV1 from '../../../../schema/events/progress.changed.v1.json' with { type: 'json' };
import userRegisteredV1 from '../../../../schema/events/user.registered.v1.json' with { type: 'json' };
import userUpdatedV1 from '../../../../schema/events/user.updated.v1.json' with { type: 'json' };
import userV1 from '../../../../schema/events/user.v1.json' with { type: 'json' };

/** Every contract, by the name of its file. */
export const eventSchemas = {
  'attempt.graded.v1.json': attemptGradedV1,
  'attempt.started.v1.json': attemptStartedV1,
  'attempt.submitted.v1.json': attemptSubmittedV1,
  'attempt.v1.json': attemptV1,
  'course.archived.v1.json': courseArchivedV1,
  'course.completed.v1.json': courseCompletedV1,
  'course.created.v1.json': courseCreatedV1,
  'course.published.v1.json': coursePublishedV1,
  'course.updated.v1.json': courseUpdatedV1,
  'course.v1.json': courseV1,
  'enrolment.created.v1.json': enrolmentCreatedV1,
  'enrolment.v1.json': enrolmentV1,
  'enrolment.withdrawn.v1.json': enrolmentWithdrawnV1,
  'envelope.v1.json': envelopeV1,
  'lrs-key.created.v1.json': lrsKeyCreatedV1,
  'lrs-key.revoked.v1.json': lrsKeyRevokedV1,
  'membership.changed.v1.json': membershipChangedV1,
  'module.completed.v1.json': moduleCompletedV1,
  'organisation.created.v1.json': organisationCreatedV1,
  'progress.changed.v1.json': progressChangedV1,
  'user.registered.v1.json': userRegisteredV1,
  'user.updated.v1.json': userUpdatedV1,
  'user.v1.json': userV1,
};
