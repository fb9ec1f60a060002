import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readSchema, statementsOfTables } from '@lyceum/testing';
import {
  assessmentUpdate,
  attemptsQuery,
  questionCreate,
  questionDelete,
  questionUpdate,
  questionsReorder,
} from './kit/operations.ts';
import {
  answer,
  createQuiz,
  foundSchool,
  startedAttempt,
  submit,
  type Quiz,
  type School,
} from './kit/quiz.ts';
import { runAssessment, type RunningAssessment } from './kit/assessment.ts';
import { walk } from './kit/schema-walk.ts';

let running: RunningAssessment;
let school: School;

beforeAll(async () => {
  running = await runAssessment();
  school = await foundSchool(running);
});
afterAll(() => running.stop());

/** Everything that can be done with a quiz, by those who may. */
async function useAll({ assessmentId, courseId, questionIds }: Quiz): Promise<void> {
  const { author, learner, admin } = school;
  const content = { text: 'Anew', trueFalse: { isTrue: true } };
  const { id } = await startedAttempt(learner, assessmentId);
  await answer(learner, id, questionIds[2]!, { isTrue: true });
  await submit(learner, id);
  await author.ask(assessmentUpdate, { input: { id: assessmentId, changes: { title: 'Anew' } } });
  await author.ask(questionCreate, { input: { assessmentId, content } });
  await author.ask(questionUpdate, { input: { id: questionIds[0], content } });
  await author.ask(questionDelete, { input: { id: questionIds[1] } });
  await author.ask(questionsReorder, { input: { assessmentId, questionIds } });
  await admin.ask(attemptsQuery, { filter: { assessmentId } });
  await author.ask(
    'query ($id: ID!) { assessments(filter: { courseId: $id }) { nodes { id } totalCount } }',
    {
      id: courseId,
    },
  );
  const schema = await readSchema(running.visitor);
  await walk(admin.ask, schema, { assessmentId, questionIds, attemptIds: [id] });
}

/** Reads the versions that responses of the organisation pin: an `include` of Prisma's, which goes by their ids. */
const pinnedVersions = /FROM "public"\."question_version" WHERE "public"\."question_version"\."id" (IN|=)/;

/** Does the statement itself name whose rows it reads or writes? */
function namesOrganisation(statement: string): boolean {
  if (/^\s*INSERT/i.test(statement)) return statement.includes('organisation_id');
  const [, condition = ''] = /\bWHERE\b([^]*?)(\bRETURNING\b|\bORDER BY\b|$)/i.exec(statement) ?? [];
  return condition.includes('organisation_id') || pinnedVersions.test(statement);
}

test('every statement names the organisation whose rows it reads, locks or writes', async () => {
  const statements = await statementsOfTables(async () => {
    await useAll(await createQuiz(running, school));
  });
  const tables = ['assessment', 'question', 'question_version', 'answer_key', 'attempt', 'response'];
  for (const table of [...tables, 'course', 'quiz_item', 'enrolment']) {
    expect(statements.some((text) => new RegExp(`\\b${table}\\b`).test(text))).toBe(true);
  }
  expect(statements.filter((text) => !namesOrganisation(text))).toEqual([]);
});
