import { statementFor, type NamedActivity, type OwnStatement, type Statement } from '@lyceum/xapi';
import { TypeID } from 'typeid-js';
import type { ResponseWithGrade } from '../domain/grade-attempt.ts';
import type { Answer } from '../domain/question-kinds.ts';
import type { Attempt } from '../store/attempts.ts';

/** An attempt, and the names of where it is taken. */
export interface AttemptPlace {
  readonly publicUrl: string;
  readonly attempt: Attempt;
  readonly course: { readonly id: string; readonly title?: string };
  readonly item: { readonly id: string; readonly title?: string };
}

/** Types of activities, from ADL's vocabulary (https://w3id.org/xapi/adl/activities). */
const activityType = (name: string) => `http://adlnet.gov/expapi/activities/${name}`;

/** The learner attempted the quiz item. */
export function startedStatement(place: AttemptPlace): Statement {
  return statementFor({
    ...commonOf(place),
    verb: 'attempted',
    activity: itemActivity(place),
    parents: [courseActivity(place)],
    timestamp: place.attempt.startedAt,
  });
}

/** The learner answered each question that has a response, then passed or failed the quiz item. */
export function gradedStatements(place: AttemptPlace, responses: readonly ResponseWithGrade[]): Statement[] {
  const answered = responses.flatMap((response) =>
    response.answer === null ? [] : [answeredStatement(place, response, response.answer)],
  );
  return [...answered, outcomeStatement(place)];
}

function answeredStatement(place: AttemptPlace, response: ResponseWithGrade, answer: Answer): Statement {
  const { version, graded, questionId } = response;
  const { score: raw, correctness } = graded;
  return statementFor({
    ...commonOf(place),
    verb: 'answered',
    activity: { id: questionId, type: activityType('cmi.interaction') },
    parents: [itemActivity(place)],
    grouping: [courseActivity(place)],
    result: {
      response: responseText(answer),
      success: correctness === 'CORRECT',
      score: { raw, min: 0, max: version.points, scaled: raw / version.points },
    },
    timestamp: response.answeredAt ?? place.attempt.startedAt,
  });
}

function outcomeStatement(place: AttemptPlace): Statement {
  const { rawScore, maxScore, scaledScore, passed, startedAt, submittedAt } = place.attempt;
  const at = submittedAt ?? startedAt;
  return statementFor({
    ...commonOf(place),
    verb: passed ? 'passed' : 'failed',
    activity: itemActivity(place),
    parents: [courseActivity(place)],
    result: {
      score: { raw: rawScore ?? 0, min: 0, max: maxScore ?? 0, scaled: scaledScore ?? 0 },
      success: passed === true,
      completion: true,
      duration: `PT${(at.getTime() - startedAt.getTime()) / 1000}S`,
    },
    timestamp: at,
  });
}

/** What all statements of an attempt share; its UUID is their registration, which groups them. */
function commonOf({
  publicUrl,
  attempt,
}: AttemptPlace): Pick<OwnStatement, 'publicUrl' | 'userId' | 'registration'> {
  return { publicUrl, userId: attempt.learnerId, registration: TypeID.fromString(attempt.id).toUUID() };
}

function itemActivity({ item }: AttemptPlace): NamedActivity {
  return named(item, 'assessment');
}

function courseActivity({ course }: AttemptPlace): NamedActivity {
  return named(course, 'course');
}

function named({ id, title }: { id: string; title?: string }, type: string): NamedActivity {
  return { id, ...(title === undefined ? {} : { name: title }), type: activityType(type) };
}

/** A response as xAPI writes that of an interaction (Data 2.4.4.1, "Response Patterns"). */
function responseText(answer: Answer): string {
  switch (answer.type) {
    case 'TRUE_FALSE':
      return String(answer.isTrue);
    case 'NUMERICAL':
      return String(answer.value);
    case 'SINGLE_CHOICE':
    case 'MULTIPLE_RESPONSE':
      return answer.choiceIds.join('[,]');
  }
}
