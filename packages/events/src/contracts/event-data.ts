// Made from schema/events/ by "npm run contracts -w @lyceum/events"; a test keeps it true.

/** The attempt as after the change. */
export interface AttemptState {
  /** The attempt's id. */
  readonly id: string;
  /** The assessment attempted. */
  readonly assessmentId: string;
  /** The course that the assessment belongs to. */
  readonly courseId: string;
  /** The content item through which it was taken; null when outside of a course's outline. */
  readonly itemId: string | null;
  /** The user who answers. */
  readonly learnerId: string;
  /** Where the attempt stands. */
  readonly status: 'STARTED' | 'SUBMITTED' | 'GRADED';
  /** The points. Null until graded. */
  readonly score: {
    /** Points won. */
    readonly raw: number;
    /** Points to be had. */
    readonly max: number;
    /** raw / max, as xAPI's score.scaled. */
    readonly scaled: number;
  } | null;
  /** Whether the score reaches the pass mark. Null until graded. */
  readonly passed: boolean | null;
  /** When the learner began. */
  readonly startedAt: string;
  /** When the learner handed it in; null before. */
  readonly submittedAt: string | null;
  /** When it was graded; null before. */
  readonly gradedAt: string | null;
  /** Grows with each change of the aggregate: a consumer that has seen this or a later one ignores the event. */
  readonly revision: number;
}

/** The whole course as after the change: a consumer needs no other event to know it. */
export interface CourseState {
  /** The course's id. */
  readonly id: string;
  /** Whose course it is. */
  readonly organisationId: string;
  /** Its title. */
  readonly title: string;
  /** Its name in addresses. */
  readonly slug: string;
  /** Whether learners see it. */
  readonly status: 'DRAFT' | 'PUBLISHED' | 'ARCHIVED';
  /** Grows with each change of the aggregate: a consumer that has seen this or a later one ignores the event. */
  readonly revision: number;
  /** Its modules, in order. */
  readonly modules: readonly {
    /** The module's id. */
    readonly id: string;
    /** Its title. */
    readonly title: string;
    /** Its place in the course, from 0. */
    readonly position: number;
    /** Its content items, in order. */
    readonly items: readonly {
      /** The content item's id. */
      readonly id: string;
      /** Its title. */
      readonly title: string;
      /** What kind of content it is. */
      readonly type: 'PAGE' | 'VIDEO' | 'DOCUMENT' | 'QUIZ' | 'EXTERNAL';
      /** Its place in the module, from 0. */
      readonly position: number;
      /** Whether progress counts it. */
      readonly required: boolean;
      /** The assessment that a quiz puts to the learner; null for other kinds. */
      readonly assessmentId: string | null;
    }[];
  }[];
}

/** The enrolment as after the change. */
export interface EnrolmentState {
  /** The enrolment's id. */
  readonly id: string;
  /** The course. */
  readonly courseId: string;
  /** The user who learns. */
  readonly learnerId: string;
  /** Where the enrolment stands. */
  readonly status: 'ACTIVE' | 'COMPLETED' | 'WITHDRAWN';
  /** Grows with each change of the aggregate: a consumer that has seen this or a later one ignores the event. */
  readonly revision: number;
  /** When it changed. */
  readonly updatedAt: string;
}

/** The user as after the change. */
export interface UserState {
  /** The user's id. */
  readonly id: string;
  /** The name that others see. */
  readonly name: string;
  /** The address as entered. Whether it may be trusted says `emailVerified`. */
  readonly email: string;
  /** Whether the user proved that the address is theirs. */
  readonly emailVerified: boolean;
  /** Grows with each change of the aggregate: a consumer that has seen this or a later one ignores the event. */
  readonly revision: number;
}

/** The data of each type of event. */
export interface EventData {
  /** An attempt has a score. */
  'attempt.graded': {
    readonly attempt: AttemptState;
  };
  /** A learner began an assessment. */
  'attempt.started': {
    readonly attempt: AttemptState;
  };
  /** A learner handed in an attempt. */
  'attempt.submitted': {
    readonly attempt: AttemptState;
  };
  /** A course takes no more enrolments. */
  'course.archived': {
    readonly course: CourseState;
  };
  /** A learner completed all required items of a course. */
  'course.completed': {
    /** The completion. */
    readonly completion: {
      /** The user who learns. */
      readonly learnerId: string;
      /** The course, all of whose required items are completed. */
      readonly courseId: string;
      /** When the last of them was. */
      readonly completedAt: string;
    };
  };
  /** A course exists, as a draft. */
  'course.created': {
    readonly course: CourseState;
  };
  /** Learners see a course. */
  'course.published': {
    readonly course: CourseState;
  };
  /** A course, its modules or its content items changed. */
  'course.updated': {
    readonly course: CourseState;
  };
  /** A learner takes a course. */
  'enrolment.created': {
    readonly enrolment: EnrolmentState;
  };
  /** A learner no longer takes a course. */
  'enrolment.withdrawn': {
    readonly enrolment: EnrolmentState;
  };
  /** A key opens the Learning Record Store. */
  'lrs-key.created': {
    /** The key as created. Its secret was shown once and is nowhere. */
    readonly key: {
      /** The key's id. */
      readonly id: string;
      /** The user name of the Basic credentials. */
      readonly key: string;
      /** SHA-256 of the secret, in hexadecimal. */
      readonly secretHash: string;
      /** Whose statements the key writes and reads. */
      readonly organisationId: string;
      /** What the key is for, in its owner's words. */
      readonly name: string;
      /** The xAPI scopes granted, as the specification names them (statements/write, all/read, ...). */
      readonly scopes: readonly string[];
    };
  };
  /** A key of the Learning Record Store opens nothing any more. */
  'lrs-key.revoked': {
    /** The key that no longer opens anything. */
    readonly key: {
      /** The key's id. */
      readonly id: string;
      /** The user name of the Basic credentials. */
      readonly key: string;
      /** Whose key it was. */
      readonly organisationId: string;
      /** From when it is refused. */
      readonly revokedAt: string;
    };
  };
  /** A user joined or left an organisation, or has other roles in it. */
  'membership.changed': {
    /** The membership as after the change. */
    readonly membership: {
      /** The member. */
      readonly userId: string;
      /** The organisation. */
      readonly organisationId: string;
      /** What the member may do there. Empty: the membership has ended. */
      readonly roles: readonly ('ADMIN' | 'AUTHOR' | 'INSTRUCTOR' | 'LEARNER')[];
      /** Grows with each change of the aggregate: a consumer that has seen this or a later one ignores the event. */
      readonly revision: number;
    };
  };
  /** A learner completed all required items of a module. */
  'module.completed': {
    /** The completion. */
    readonly completion: {
      /** The user who learns. */
      readonly learnerId: string;
      /** The course. */
      readonly courseId: string;
      /** The module, all of whose required items are completed. */
      readonly moduleId: string;
      /** When the last of them was. */
      readonly completedAt: string;
    };
  };
  /** An organisation exists, and its members may be invited. */
  'organisation.created': {
    /** The organisation. */
    readonly organisation: {
      /** The organisation's id. */
      readonly id: string;
      /** Its name, for people. */
      readonly name: string;
      /** Its name in addresses, unique. */
      readonly slug: string;
    };
  };
  /** A learner came forward in a course, or the course gained or lost required items. */
  'progress.changed': {
    /** The learner's progress through the course as after the change. */
    readonly progress: {
      /** The progress's id. */
      readonly id: string;
      /** The user who learns. */
      readonly learnerId: string;
      /** The course. */
      readonly courseId: string;
      /** Completed required items over required items, from 0 to 100. */
      readonly percent: number;
      /** Where the learner stands. */
      readonly status: 'NOT_STARTED' | 'STARTED' | 'COMPLETED';
      /** Required items that the learner has completed. */
      readonly completedItems: number;
      /** Required items of the course. */
      readonly requiredItems: number;
      /** When the learner first did something in the course; null before. */
      readonly startedAt: string | null;
      /** When the last required item was completed; null while one is missing. */
      readonly completedAt: string | null;
      /** Grows with each change of the aggregate: a consumer that has seen this or a later one ignores the event. */
      readonly revision: number;
      /** When it changed. */
      readonly updatedAt: string;
    };
  };
  /** A person has an account. */
  'user.registered': {
    readonly user: UserState;
  };
  /** A user's name or address changed. */
  'user.updated': {
    readonly user: UserState;
  };
}

/** The topic of each type of event. */
export const topicOfEvent = {
  'attempt.graded': 'assessment.events',
  'attempt.started': 'assessment.events',
  'attempt.submitted': 'assessment.events',
  'course.archived': 'catalog.events',
  'course.completed': 'learning.events',
  'course.created': 'catalog.events',
  'course.published': 'catalog.events',
  'course.updated': 'catalog.events',
  'enrolment.created': 'learning.events',
  'enrolment.withdrawn': 'learning.events',
  'lrs-key.created': 'identity.events',
  'lrs-key.revoked': 'identity.events',
  'membership.changed': 'identity.events',
  'module.completed': 'learning.events',
  'organisation.created': 'identity.events',
  'progress.changed': 'learning.events',
  'user.registered': 'identity.events',
  'user.updated': 'identity.events',
} as const satisfies Record<keyof EventData, string>;
