import { DomainError } from '@lyceum/service';

/** The expected failures of assessment, beside those that every service shares; mirrored in UserErrorCode. */
export const tooManyQuestions = (most: number) =>
  new DomainError('TOO_MANY', `An assessment holds ${most} questions.`, { field: ['input', 'assessmentId'] });

export const tooManyChoices = (field: readonly string[], most: number) =>
  new DomainError('TOO_MANY', `A question holds ${most} choices.`, { field });

export const orderIncomplete = () =>
  new DomainError('ORDER_INCOMPLETE', 'Name every question of the assessment once, and no other.', {
    field: ['input', 'questionIds'],
  });

export const notEnrolled = () =>
  new DomainError('NOT_ENROLLED', 'An attempt needs an active enrolment in the course.', {
    field: ['input', 'assessmentId'],
  });

export const notAvailable = (reason: string) =>
  new DomainError('NOT_AVAILABLE', reason, { field: ['input', 'assessmentId'] });

export const attemptLimitReached = (most: number) =>
  new DomainError('ATTEMPT_LIMIT_REACHED', `This assessment allows ${most} attempt(s), and all have begun.`, {
    field: ['input', 'assessmentId'],
  });

export const attemptInProgress = (attemptId: string) =>
  new DomainError('ATTEMPT_IN_PROGRESS', `The attempt ${attemptId} is in progress: go on with that one.`, {
    field: ['input', 'assessmentId'],
  });

export const attemptClosed = () =>
  new DomainError('ATTEMPT_CLOSED', 'The attempt was submitted: its responses stay as they are.', {
    field: ['input', 'attemptId'],
  });
