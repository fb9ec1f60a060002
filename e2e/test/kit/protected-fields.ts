import type { GraphQLSchema } from 'graphql';
import { isObjectType } from 'graphql';
import type { Call } from './graph.ts';
import type { School } from './school.ts';

/**
 * The fields below the roots that not everybody may see, each with a call that comes to it over something that
 * everybody may see, as far as there is such a thing.
 *
 * How one is found: its resolver, or the domain that it calls, has `requirePermission`, `requireMayDo`, `forbidden` or
 * the like; and its description says that it needs a permission. `undeclaredIn` holds this list against descriptions.
 */
export const protectedFields: Readonly<Record<string, (ids: School['ids']) => Call>> = {
  'Viewer.sessions': () => ({ query: '{ viewer { sessions { totalCount } } }', variables: {} }),
  'Viewer.secondFactors': () => ({
    query: '{ viewer { secondFactors { recoveryCodesLeft } } }',
    variables: {},
  }),
  'Viewer.passkeys': () => ({ query: '{ viewer { passkeys { totalCount } } }', variables: {} }),
  'Viewer.signOnLinks': () => ({ query: '{ viewer { signOnLinks { id } } }', variables: {} }),
  'Viewer.personalAccessTokens': () => ({
    query: '{ viewer { personalAccessTokens { totalCount } } }',
    variables: {},
  }),
  'Viewer.privacyJobs': () => ({
    query: '{ viewer { privacyJobs { totalCount } } }',
    variables: {},
  }),
  'Viewer.preferences': () => ({ query: '{ viewer { preferences { theme } } }', variables: {} }),
  'Viewer.observing': () => ({ query: '{ viewer { observing { id } } }', variables: {} }),
  'Viewer.user': () => ({ query: '{ viewer { user { id } } }', variables: {} }),
  'Organisation.plan': () => ({
    query: '{ viewer { organisation { plan { people { used } } } } }',
    variables: {},
  }),
  'Organisation.domains': () => ({
    query: '{ viewer { organisation { domains { totalCount } } } }',
    variables: {},
  }),
  'Group.members': ({ group }) => ({
    query: 'query ($id: ID!) { group(id: $id) { members { totalCount } } }',
    variables: { id: group },
  }),
  'User.groups': ({ user }) => ofUser(user, 'groups { totalCount }'),
  'User.externalId': ({ user }) => ofUser(user, 'externalId'),
  'User.grants': ({ user }) => ofUser(user, 'grants { id }'),
  'User.observers': ({ user }) => ofUser(user, 'observers { id }'),
  'User.email': ({ user }) => ofUser(user, 'email'),
  'User.enrolments': ({ user }) => ofUser(user, 'enrolments { totalCount }'),
  'Course.myProgress': ({ course }) => ofCourse(course, 'myProgress { percent }'),
  'Course.myEnrolment': ({ course }) => ofCourse(course, 'myEnrolment { status }'),
  'Course.progresses': ({ course }) => ofCourse(course, 'progresses { totalCount }'),
  'Course.activity': ({ course }) =>
    ofCourse(
      course,
      'activity(granularity: DAY, since: "2026-11-20T00:00:00Z", until: "2026-11-21T00:00:00Z") { start }',
    ),
  'Enrolment.progress': ({ enrolment }) => ({
    query: 'query ($id: ID!) { enrolment(id: $id) { progress { percent } } }',
    variables: { id: enrolment },
  }),
  'Assessment.questions': ({ assessment }) => ofAssessment(assessment, 'questions { id }'),
  'Question.version': ({ assessment }) => ofAssessment(assessment, 'questions { version { text } }'),
  'QuestionVersion.answerKey': answerKeyOf('SingleChoiceVersion'),
  'SingleChoiceVersion.answerKey': answerKeyOf('SingleChoiceVersion'),
  'MultipleResponseVersion.answerKey': answerKeyOf('MultipleResponseVersion'),
  'TrueFalseVersion.answerKey': answerKeyOf('TrueFalseVersion'),
  'NumericalVersion.answerKey': answerKeyOf('NumericalVersion'),
};

/** Fields whose descriptions say that they need something, and that the list does not have. */
export function undeclaredIn(schema: GraphQLSchema): string[] {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const fields = types
    .filter((type) => !roots.has(type))
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })));
  return fields
    .filter(({ field }) => /FORBIDDEN|[Pp]ermission |\bNeeds? [a-z-]+\.[a-z]/.test(field.description ?? ''))
    .map(({ type, field }) => `${type.name}.${field.name}`)
    .filter((name) => !(name in protectedFields));
}

function ofUser(id: string, selection: string): Call {
  return { query: `query ($id: ID!) { user(id: $id) { ${selection} } }`, variables: { id } };
}

function ofCourse(id: string, selection: string): Call {
  return { query: `query ($id: ID!) { course(id: $id) { ${selection} } }`, variables: { id } };
}

function ofAssessment(id: string, selection: string): Call {
  return { query: `query ($id: ID!) { assessment(id: $id) { ${selection} } }`, variables: { id } };
}

function answerKeyOf(type: string) {
  return ({ assessment }: School['ids']) =>
    ofAssessment(assessment, `questions { version { ... on ${type} { answerKey { generalFeedback } } } }`);
}
