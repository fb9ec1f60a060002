/**
 * Every act that Lyceum lets somebody do, or refuses, and the built-in roles that may. It is data: docs/permissions.md is
 * generated from it, identity checks custom roles against it, and the compiler knows the names.
 *
 * Who stands above the organisations is no more in them than anybody: PLATFORM_ADMIN holds what is everybody's own, and
 * acts upon organisations from outside.
 *
 * A name is `noun.verb`, with a third word where it is about a part: `.own` for what is the viewer's, `.all` for what is
 * everybody's. Services ask for names, never for roles.
 */

/** The roles that every organisation has; a member holds one or more, and custom ones beside. */
export const ROLES = ['ADMIN', 'AUTHOR', 'INSTRUCTOR', 'LEARNER', 'OBSERVER'] as const;

/** Held in the platform organisation alone (docs/decisions/0018): over all organisations, not in them. */
export const PLATFORM_ROLE = 'PLATFORM_ADMIN';

/** Every built-in role. */
export const BUILT_IN_ROLES = [...ROLES, PLATFORM_ROLE] as const;

export type Role = (typeof BUILT_IN_ROLES)[number];

/** The kinds of objects for which a permission can be granted alone, beside the whole organisation. */
export const SCOPES = ['course', 'group', 'user'] as const;

export type PermissionScope = (typeof SCOPES)[number];

export interface PermissionEntry {
  /** What it lets a person do, for people. */
  readonly allows: string;
  readonly roles: readonly Role[];
  /** Absent: it holds in the whole organisation, or not at all. */
  readonly scopes?: readonly PermissionScope[];
}

const everybody = BUILT_IN_ROLES;
const workers = ['ADMIN', 'AUTHOR', 'INSTRUCTOR', 'LEARNER'] as const;
const staff = ['ADMIN', 'AUTHOR', 'INSTRUCTOR'] as const;
const authors = ['ADMIN', 'AUTHOR'] as const;
const leaders = ['ADMIN', 'INSTRUCTOR'] as const;
const admins = ['ADMIN'] as const;
const platform = [PLATFORM_ROLE] as const;
const ofCourse = ['course'] as const;
const ofPerson = ['user'] as const;
const ofGroup = ['group'] as const;
/** What a person does in a course: seen by grants for the course, for a group of the person's, and for the person. */
const ofLearning = ['course', 'group', 'user'] as const;
const ofLearners = ['course', 'group'] as const;

export const catalogue = {
  // Accounts and organisations (identity)
  'organisation.read': { allows: 'See the organisation: its name and slug.', roles: everybody },
  'organisation.list': { allows: 'List and search all organisations, and see each.', roles: platform },
  'organisation.create': {
    allows: 'Make an organisation, and invite its first administrator.',
    roles: platform,
  },
  'organisation.suspend': { allows: 'Close an organisation to everybody, for a time.', roles: platform },
  'organisation.reinstate': { allows: 'Open an organisation that was suspended.', roles: platform },
  'organisation.plan.update': {
    allows: 'Say how many people, API clients and keys an organisation may have.',
    roles: platform,
  },
  'organisation.update': {
    allows: 'Change the name, the branding and the defaults of the organisation.',
    roles: admins,
  },
  'organisation.plan.read': {
    allows: 'See how many people, API clients and keys the organisation has, and may have.',
    roles: ['ADMIN', PLATFORM_ROLE],
  },
  'organisation.domain.read': { allows: 'See the mail domains that the organisation claims.', roles: admins },
  'organisation.domain.update': {
    allows: 'Claim, verify and give up mail domains of the organisation.',
    roles: admins,
  },
  'organisation.registration.update': { allows: 'Say whom the organisation takes in.', roles: admins },
  'organisation.settings.update': {
    allows: "Change the organisation's settings, and which preferences its people begin with.",
    roles: admins,
  },
  'preference.read.own': { allows: "See one's own preferences.", roles: everybody },
  'preference.update.own': { allows: "Change one's own preferences.", roles: everybody },
  'invitation.read': { allows: 'See who was invited to the organisation.', roles: admins },
  'invitation.create': {
    allows: 'Invite people to the organisation with any role, and mail it again.',
    roles: admins,
  },
  'invitation.revoke': { allows: 'End an invitation.', roles: admins },
  'user.read': { allows: 'See a person of the organisation: their name and roles.', roles: everybody },
  'user.list': { allows: "List and search the organisation's people.", roles: leaders, scopes: ofGroup },
  'user.email.read': {
    allows: "See other people's e-mail addresses, and search in them.",
    roles: admins,
  },
  'user.create': { allows: 'Add a person to the organisation.', roles: admins },
  'user.update': { allows: "Change another person's name.", roles: admins },
  'user.update.own': { allows: "Change one's own name.", roles: everybody },
  'user.import': { allows: 'Take people in from a file, with their roles and groups.', roles: admins },
  'user.export': { allows: "Take out a file of the organisation's people.", roles: admins },
  'group.read': { allows: 'See a group: its name and description.', roles: everybody },
  'group.list': { allows: 'List groups, their people, and the groups of others.', roles: leaders },
  'group.create': { allows: 'Make a group of people.', roles: admins },
  'group.update': {
    allows: 'Change a group: its name and description, and who is in it.',
    roles: admins,
    scopes: ofGroup,
  },
  'group.delete': { allows: 'Delete a group.', roles: admins },
  'user.deactivate': { allows: 'Keep a person out, while what they have stays.', roles: admins },
  'user.reactivate': { allows: 'Let a person in again who was deactivated.', roles: admins },
  'membership.update': { allows: 'Change the built-in roles that a person holds.', roles: admins },
  'membership.remove': { allows: 'Take a person out of the organisation.', roles: admins },
  'role.read': {
    allows: 'See the roles that the organisation made, and what is granted to whom.',
    roles: admins,
  },
  'role.create': { allows: 'Make a role of permissions that one holds.', roles: admins },
  'role.update': { allows: 'Change a role of permissions that one holds.', roles: admins },
  'role.delete': { allows: 'Delete a role that is granted to nobody.', roles: admins },
  'role.grant': { allows: 'Grant a person a role of permissions that one holds.', roles: admins },
  'role.revoke': { allows: 'Take a granted role from a person.', roles: admins },
  'password.change.own': { allows: "Change one's own password.", roles: everybody },
  'email.change.own': { allows: "Change one's own address.", roles: everybody },
  'session.read.own': { allows: 'See where one is logged in.', roles: everybody },
  'session.revoke.own': { allows: "End one's own logins.", roles: everybody },
  'session.switch.own': {
    allows: 'Go over to another organisation that one belongs to.',
    roles: everybody,
  },
  'second-factor.read.own': {
    allows: "See one's own second factors and passkeys.",
    roles: everybody,
  },
  'second-factor.update.own': {
    allows: "Set up, change and remove one's own second factors and passkeys.",
    roles: everybody,
  },
  'second-factor.reset': { allows: 'Take all second factors from who lost theirs.', roles: admins },
  'second-factor.policy.update': {
    allows: 'Say whether everybody in the organisation needs a second factor.',
    roles: admins,
  },
  'identity-provider.read': { allows: 'List the providers of single sign-on.', roles: admins },
  'identity-provider.create': {
    allows: 'Add a provider of single sign-on, which gives no more than whoever adds it holds.',
    roles: admins,
  },
  'identity-provider.update': {
    allows: 'Change a provider of single sign-on, and where browsers come back to after one.',
    roles: admins,
  },
  'identity-provider.delete': { allows: 'Delete a provider of single sign-on.', roles: admins },
  'identity-provider.link.own': {
    allows: "Add a provider to one's own account, and take it from it.",
    roles: everybody,
  },
  'identity-provider.unlink': { allows: 'Take a provider from the account of somebody.', roles: admins },
  'observation.read.own': {
    allows: 'See whom one observes, and by whom one is observed.',
    roles: everybody,
  },
  'observation.read': { allows: 'See by whom other people are observed.', roles: admins },
  'observation.create': {
    allows:
      'Let a person, such as a parent, see how another learns: enrolments, progress, attempts, statements.',
    roles: admins,
  },
  'observation.remove': { allows: 'End that a person observes another.', roles: admins },
  'lrs-key.read': { allows: 'List the keys of xAPI tools.', roles: admins },
  'lrs-key.create': {
    allows:
      "Make a key for an xAPI tool, which writes and reads the organisation's statements as its scopes say.",
    roles: admins,
  },
  'lrs-key.rotate': { allows: 'Give a key of an xAPI tool a new secret.', roles: admins },
  'lrs-key.revoke': { allows: 'End a key of an xAPI tool.', roles: admins },
  'api-client.read': { allows: 'List the API clients.', roles: admins },
  'api-client.create': {
    allows: 'Make an API client, which may do no more than whoever makes it.',
    roles: admins,
  },
  'api-client.rotate': { allows: 'Give an API client a new secret.', roles: admins },
  'api-client.revoke': { allows: 'End an API client.', roles: admins },
  'personal-access-token.read.own': { allows: "See one's own personal access tokens.", roles: everybody },
  'personal-access-token.create.own': {
    allows: "Make a personal access token, with which a program acts in one's own name.",
    roles: everybody,
  },
  'personal-access-token.revoke.own': { allows: "End one's own personal access tokens.", roles: everybody },
  'personal-data.export.own': {
    allows: 'Ask for all that the organisation holds of oneself, and fetch it.',
    roles: everybody,
  },
  'personal-data.export': {
    allows: 'Ask for all that the organisation holds of another person, and fetch it.',
    roles: admins,
  },
  'person.erase': { allows: 'Erase a person everywhere, for good.', roles: admins },
  'privacy-job.read': {
    allows: "See who asked for people's data or erased somebody, and how far it is.",
    roles: admins,
  },
  'audit.read': {
    allows: "See what was done to the organisation's accounts, roles and keys, and what was refused.",
    roles: admins,
  },

  // Courses (catalog)
  'course.read': {
    allows: 'See courses that are published, and those that were, with their modules and items.',
    roles: everybody,
  },
  'course.read.draft': {
    allows: 'See courses that are drafts, also those archived unpublished.',
    roles: authors,
    scopes: ofCourse,
  },
  'course.create': { allows: 'Begin a course.', roles: authors },
  'course.update': {
    allows: 'Change a course: its description, its modules, its content items.',
    roles: authors,
    scopes: ofCourse,
  },
  'course.publish': { allows: 'Publish a course.', roles: authors, scopes: ofCourse },
  'course.archive': { allows: 'Archive a course.', roles: authors, scopes: ofCourse },

  // Learning
  'enrolment.read.own': { allows: "See one's own enrolments.", roles: everybody },
  'enrolment.read': { allows: "See other people's enrolments.", roles: leaders, scopes: ofLearning },
  'enrolment.create.own': { allows: 'Enrol oneself in a published course.', roles: workers },
  'enrolment.create': {
    allows: 'Enrol another person in a published course.',
    roles: leaders,
    scopes: ofLearners,
  },
  'enrolment.withdraw.own': { allows: "End one's own enrolment.", roles: workers },
  'enrolment.withdraw': { allows: "End another person's enrolment.", roles: leaders, scopes: ofLearners },
  'progress.read.own': { allows: "See one's own progress.", roles: everybody },
  'progress.read': { allows: "See other people's progress.", roles: leaders, scopes: ofLearning },

  // Assessments
  'assessment.read': {
    allows: 'See assessments of courses that are published, and of those that were.',
    roles: everybody,
  },
  'assessment.read.draft': {
    allows: 'See assessments of courses that are drafts.',
    roles: staff,
    scopes: ofCourse,
  },
  'assessment.list': { allows: 'List assessments.', roles: staff, scopes: ofCourse },
  'assessment.create': { allows: 'Begin an assessment of a course.', roles: authors, scopes: ofCourse },
  'assessment.update': {
    allows: 'Change an assessment: its rules and its questions.',
    roles: authors,
    scopes: ofCourse,
  },
  'question.read': { allows: 'See questions with their answers.', roles: staff, scopes: ofCourse },
  'attempt.read.own': { allows: "See one's own attempts.", roles: everybody },
  'attempt.read': { allows: "See other people's attempts.", roles: leaders, scopes: ofLearning },
  'attempt.take': { allows: 'Attempt assessments of courses that one is enrolled in.', roles: workers },

  // Learning records
  'statement.write': {
    allows: 'Write statements, and the documents of states and profiles, in the Learning Record Store.',
    roles: admins,
  },
  'statement.read.own': { allows: "See statements about one's own learning.", roles: everybody },
  'statement.read.all': {
    allows: "See statements about other people's learning.",
    roles: leaders,
    scopes: ofPerson,
  },
  'store.health.read': {
    allows:
      "See how the store of learning records is: how much of one's own there is, and how far it is behind.",
    roles: ['ADMIN', PLATFORM_ROLE],
  },
  'store.volume.read': {
    allows: 'See how much the store of learning records has of all organisations together.',
    roles: platform,
  },
  'dead-letter.read': {
    allows: 'See which records of statements could not be read, and look into them.',
    roles: admins,
  },
  'dead-letter.read.all': {
    allows: 'See which records of the event log could not be read, of all organisations.',
    roles: platform,
  },
  'dead-letter.resend': {
    allows: 'Send a record that could not be read again to who could not read it.',
    roles: ['ADMIN', PLATFORM_ROLE],
  },
  'dead-letter.discard': {
    allows: 'Say that nobody wants a record that could not be read.',
    roles: ['ADMIN', PLATFORM_ROLE],
  },
  'store.export': {
    allows: "Take out all of the organisation's learning records as a file, and end that.",
    roles: admins,
  },
  'store.import': {
    allows: "Bring learning records in from a file, in one's own name, and end that.",
    roles: admins,
  },
  'store.import.original': {
    allows:
      'Bring learning records in as they were stored elsewhere: with the time and the authority of the file.',
    roles: admins,
  },
  'store.retention': {
    allows: 'Say how long learning records are kept, see what that drops, and have it dropped.',
    roles: admins,
  },
  'store-job.read': {
    allows: "See what is done with the organisation's learning records as a whole, and how far it is.",
    roles: admins,
  },
  'statement-forwarding.read': {
    allows: 'See where learning records are forwarded to, how far that is, and what was refused.',
    roles: admins,
  },
  'statement-forwarding.create': {
    allows: 'Have learning records forwarded to another store.',
    roles: admins,
  },
  'statement-forwarding.update': {
    allows: 'Change what is forwarded, and where to; pause, resume and test it.',
    roles: admins,
  },
  'statement-forwarding.delete': {
    allows: 'End that learning records are forwarded to another store.',
    roles: admins,
  },
  'course.activity.read': {
    allows: 'See how much happens in a course over time.',
    roles: leaders,
    scopes: ofCourse,
  },
} as const satisfies Readonly<Record<string, PermissionEntry>>;

export type PermissionName = keyof typeof catalogue;

/** Every name, in the order of the catalogue. */
export const PERMISSIONS = Object.keys(catalogue) as readonly PermissionName[];

/** An entry as any other: the compiler would else know each one's very roles. */
export const entryOf = (name: PermissionName): PermissionEntry => catalogue[name];

export const isPermission = (text: string): text is PermissionName => Object.hasOwn(catalogue, text);

export const isRole = (text: string): text is Role => (BUILT_IN_ROLES as readonly string[]).includes(text);

/** Is it over all organisations? Whoever checks a role or gives a token looks at where its bearer is. */
export const isOfPlatform = (name: PermissionName): boolean =>
  entryOf(name).roles.every((role) => role === PLATFORM_ROLE);

const ofRoles = new Map<Role, ReadonlySet<PermissionName>>(
  BUILT_IN_ROLES.map((role) => [
    role,
    new Set(PERMISSIONS.filter((name) => entryOf(name).roles.includes(role))),
  ]),
);
const nothing: ReadonlySet<PermissionName> = new Set();

/** What somebody may do who observes a person: all that can be granted for a person alone. */
export const OBSERVER_PERMISSIONS: readonly PermissionName[] = PERMISSIONS.filter((name) =>
  entryOf(name).scopes?.includes('user'),
);

/** What a built-in role may do in the whole organisation. */
export const permissionsOfRole = (role: Role): ReadonlySet<PermissionName> => ofRoles.get(role) ?? nothing;
