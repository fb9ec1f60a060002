import { can } from '@lyceum/graphql';

/** Who may call what. Whose enrolment or progress it is, and of which course, the domain decides (domain/access.ts). */
export const permissions = {
  Query: {
    enrolment: can('enrolment.read.own', 'enrolment.read'),
    enrolments: can('enrolment.read.own', 'enrolment.read'),
    progress: can('progress.read.own', 'progress.read'),
  },
  Mutation: {
    enrolmentCreate: can('enrolment.create.own', 'enrolment.create'),
    enrolmentWithdraw: can('enrolment.withdraw.own', 'enrolment.withdraw'),
  },
  Subscription: {
    progressUpdated: can('progress.read.own', 'progress.read'),
  },
};
