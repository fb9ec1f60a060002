import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { undecided } from '@lyceum/events/personal-data';
import { askAboutPerson } from '@lyceum/testing';
import { personalTablesOfAssessment } from '../src/store/personal-tables.ts';
import { createStore } from '../src/store/store.ts';
import { answer, createQuiz, foundSchool, startedAttempt, submit, type School } from './kit/quiz.ts';
import { runAssessment, type RunningAssessment } from './kit/assessment.ts';

let running: RunningAssessment;
let school: School;

beforeAll(async () => {
  running = await runAssessment();
  school = await foundSchool(running);
});
afterAll(() => running.stop());

test('every table and column is decided about', async () => {
  expect(await undecided(createStore(running.prisma).sql, personalTablesOfAssessment)).toEqual([]);
});

test('a learner is told what they answered and how it was graded; an erasure takes what they wrote, and keeps results', async () => {
  const { learner, organisationId } = school;
  const quiz = await createQuiz(running, school);
  const attempt = await startedAttempt(learner, quiz.assessmentId);
  const [closed, free] = [quiz.questionIds[2]!, quiz.questionIds[3]!];
  await answer(learner, attempt.id, closed, { isTrue: false });
  await answer(learner, attempt.id, free, { value: 55 });
  await submit(learner, attempt.id);
  await makeFreeText(free, 'I grew up on a farm');
  const asked = { organisationId, userId: learner.userId };

  const exported = await askAboutPerson(running.log, 'assessment.events', { ...asked, kind: 'EXPORT' });
  expect(exported.done.report).toEqual([
    { what: 'attempts', action: 'EXPORTED', count: 1 },
    { what: 'responses', action: 'EXPORTED', count: quiz.questionIds.length },
    { what: 'enrolments', action: 'EXPORTED', count: 1 },
  ]);
  const told = exported.pieces.map(({ content }) => content).join('');
  expect(told).toContain('I grew up on a farm');
  expect(told).not.toContain('startKey');

  const { done } = await askAboutPerson(running.log, 'assessment.events', { ...asked, kind: 'ERASURE' });
  expect(done.report).toEqual([
    { what: 'attempts', action: 'KEPT', count: 1, reason: expect.stringMatching(/under the id alone/) },
    { what: 'responses', action: 'REPLACED', count: 1, reason: expect.stringMatching(/taken out/) },
    { what: 'responses', action: 'KEPT', count: quiz.questionIds.length, reason: expect.any(String) },
    { what: 'enrolments', action: 'KEPT', count: 1, reason: expect.any(String) },
  ]);
  const kept = await running.prisma.$queryRaw<{ questionId: string; answer: unknown; score: number }[]>`
    SELECT question_id AS "questionId", answer, score FROM response WHERE attempt_id = ${attempt.id}`;
  expect(kept).toContainEqual({ questionId: free, answer: null, score: expect.any(Number) });
  expect(kept.find(({ questionId }) => questionId === closed)?.answer).not.toBeNull();
});

/** A kind of question that there is not yet: what is written in answer to it is the person's. */
async function makeFreeText(questionId: string, text: string): Promise<void> {
  const { prisma } = running;
  await prisma.$executeRaw`ALTER TYPE question_type ADD VALUE IF NOT EXISTS 'ESSAY'`;
  await prisma.$transaction(async (tx) => {
    // Versions are written once: past the trigger that sees to it.
    await tx.$executeRaw`SET LOCAL session_replication_role = replica`;
    await tx.$executeRaw`UPDATE question_version SET type = 'ESSAY' WHERE question_id = ${questionId}`;
    await tx.$executeRaw`
      UPDATE response SET answer = jsonb_build_object('text', ${text}::text) WHERE question_id = ${questionId}`;
  });
}
