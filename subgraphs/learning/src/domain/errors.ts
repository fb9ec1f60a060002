import { DomainError } from '@lyceum/service';

/** The expected failures of learning, beside those that every service shares; mirrored in UserErrorCode. */
export const alreadyEnrolled = (courseId: string) =>
  new DomainError('ALREADY_ENROLLED', `The learner is enrolled in the course ${courseId} already.`, {
    field: ['input', 'courseId'],
  });

export const courseNotPublished = (courseId: string) =>
  new DomainError('COURSE_NOT_PUBLISHED', `The course ${courseId} is not published.`, {
    field: ['input', 'courseId'],
  });

export const enrolmentCompleted = (id: string) =>
  new DomainError('ENROLMENT_COMPLETED', `The enrolment ${id} is completed: there is nothing to withdraw.`, {
    field: ['input', 'id'],
  });

export const idempotencyKeyReused = (key: string) =>
  new DomainError('CONFLICT', `The idempotency key ${key} was used with another input.`, {
    field: ['input', 'idempotencyKey'],
  });
