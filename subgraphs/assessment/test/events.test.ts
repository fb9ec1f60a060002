import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from '@jest/globals';
import { parseDomainEvent, type AttemptState } from '@lyceum/events';
import { newId } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import {
  activityIri,
  agentOf,
  decodeStatementBatch,
  validateStatements,
  verbs,
  type Statement,
} from '@lyceum/xapi';
import { followTopic, type FollowedTopic } from './kit/follow-topic.ts';
import {
  answer,
  choiceOf,
  createQuiz,
  foundSchool,
  startAttempt,
  startedAttempt,
  submit,
  type School,
} from './kit/quiz.ts';
import { runAssessment, type RunningAssessment } from './kit/assessment.ts';

let running: RunningAssessment;
let school: School;
let events: FollowedTopic;
let statements: FollowedTopic;

beforeAll(async () => {
  running = await runAssessment();
  school = await foundSchool(running);
});
afterAll(() => running.stop());

beforeEach(async () => {
  events = await followTopic(running.log, 'assessment.events');
  statements = await followTopic(running.log, 'statements');
});
afterEach(async () => {
  await events.stop();
  await statements.stop();
});

/** The events so far, each held against its contract. */
function toldEvents() {
  return events.records.map((record) => {
    const event = parseDomainEvent(record);
    if (!event) throw new Error('An event without a contract');
    return event;
  });
}

const attemptsTold = () =>
  toldEvents().map(({ type, data }) => ({ type, ...(data as { attempt: AttemptState }).attempt }));

/** Waits for an event of an attempt. Two attempts may be in two partitions: no order between them tells anything. */
async function toldOf(attemptId: string, type: string): Promise<void> {
  await eventually(() => {
    expect(attemptsTold()).toContainEqual(expect.objectContaining({ id: attemptId, type }));
  });
}

/** The statements so far, each as a reader of the store will get it. */
function toldStatements(): Statement[] {
  return statements.records.flatMap((record) => {
    const { organisationId, statements: logged } = decodeStatementBatch(record);
    expect(organisationId).toBe(school.organisationId);
    return logged.map(({ text }) => JSON.parse(text) as Statement);
  });
}

test('a start and a submission are told once each, in order, with all that others need', async () => {
  const { learner, organisationId } = school;
  const quiz = await createQuiz(running, school);
  const { assessmentId, courseId, itemId, questionIds } = quiz;
  const started = await startedAttempt(learner, assessmentId);
  await answer(learner, started.id, questionIds[3]!, { value: 55 });
  const key = newId('key');
  await submit(learner, started.id, key);
  await submit(learner, started.id, key);
  await submit(learner, started.id);
  // What comes after everything else shows that nothing more of it comes.
  const marker = await startedAttempt(learner, assessmentId);
  await toldOf(marker.id, 'attempt.started');
  await toldOf(started.id, 'attempt.graded');

  const told = attemptsTold().filter(({ id }) => id === started.id);
  const common = { id: started.id, assessmentId, courseId, itemId, learnerId: learner.userId };
  const ungraded = { score: null, passed: null, gradedAt: null };
  expect(told).toMatchObject([
    { type: 'attempt.started', ...common, ...ungraded, status: 'STARTED', submittedAt: null, revision: 1 },
    { type: 'attempt.submitted', ...common, ...ungraded, status: 'SUBMITTED', revision: 2 },
    {
      type: 'attempt.graded',
      ...common,
      status: 'GRADED',
      score: { raw: 2, max: 7, scaled: 0.285714 },
      passed: false,
      revision: 3,
    },
  ]);
  for (const event of toldEvents()) {
    expect(event).toMatchObject({ organisation: organisationId, source: 'lyceum/assessment' });
    expect(event.requestid).toBeDefined();
  }
  expect(events.records.every((record) => record.key === parseDomainEvent(record)?.subject)).toBe(true);
});

test('an attempt becomes valid statements on the item: attempted, answered, passed', async () => {
  const { learner } = school;
  const { assessmentId, courseId, itemId, questionIds } = await createQuiz(running, school, {
    passingScore: 0.5,
  });
  const started = await startedAttempt(learner, assessmentId);
  const choiceIds = [choiceOf(started, 1, 'Flour'), choiceOf(started, 1, 'Water')];
  await answer(learner, started.id, questionIds[1]!, { choiceIds });
  await answer(learner, started.id, questionIds[2]!, { isTrue: false });
  await submit(learner, started.id);
  await eventually(() => {
    expect(toldStatements()).toHaveLength(4);
  });

  const told = toldStatements();
  expect(validateStatements(told)).toEqual([]);
  expect(told.map(({ verb }) => verb.id)).toEqual([
    verbs.attempted,
    verbs.answered,
    verbs.answered,
    verbs.passed,
  ]);
  const { publicUrl } = running;
  const item = { id: activityIri(publicUrl, itemId) };
  const course = { id: activityIri(publicUrl, courseId), definition: { name: { und: 'Bread' } } };
  const [attempted, multiple, trueFalse, passed] = told as [Statement, Statement, Statement, Statement];
  for (const statement of told) {
    expect(statement).toMatchObject({
      actor: agentOf(publicUrl, learner.userId),
      authority: expect.any(Object),
    });
    expect(statement.context?.registration).toBe(attempted.context?.registration);
  }
  expect(attempted).toMatchObject({ object: item, context: { contextActivities: { parent: [course] } } });
  expect(multiple).toMatchObject({
    object: { id: activityIri(publicUrl, questionIds[1]!) },
    result: { response: choiceIds.join('[,]'), success: true, score: { raw: 3, min: 0, max: 3, scaled: 1 } },
    context: { contextActivities: { parent: [item], grouping: [course] } },
  });
  expect(trueFalse.result).toMatchObject({ response: 'false', success: true });
  expect(passed).toMatchObject({
    object: item,
    result: { score: { raw: 4, min: 0, max: 7, scaled: 0.571429 }, success: true, completion: true },
    context: { contextActivities: { parent: [course] } },
  });
  expect(passed.result?.duration).toMatch(/^PT\d+(\.\d+)?S$/);
  expect(statements.records.every(({ key }) => key === school.organisationId)).toBe(true);
  expect(statements.records.every(({ headers }) => headers['lyceum'] === '1')).toBe(true);
});

test('what fails becomes a failed statement, and nothing of a key or of feedback is told to anybody', async () => {
  const { learner } = school;
  const { assessmentId, questionIds } = await createQuiz(running, school);
  const started = await startedAttempt(learner, assessmentId);
  await answer(learner, started.id, questionIds[2]!, { isTrue: true });
  await submit(learner, started.id);
  await eventually(() => {
    expect(toldStatements().map(({ verb }) => verb.id)).toContain(verbs.failed);
  });
  await toldOf(started.id, 'attempt.graded');
  const all = [...events.records, ...statements.records].map(({ value }) => value.toString()).join('\n');
  expect(all).not.toContain('SECRET');
  expect(all).not.toContain('correctResponsesPattern');
});

test('what is refused is not told', async () => {
  const { learner } = school;
  const { assessmentId } = await createQuiz(running, school, { maxAttempts: 1 });
  const { id } = await startedAttempt(learner, assessmentId);
  await startAttempt(learner, assessmentId);
  await submit(learner, id);
  await startAttempt(learner, assessmentId);
  const empty = await createQuiz(running, school, { contents: [] });
  await startAttempt(learner, empty.assessmentId);
  const next = await createQuiz(running, school);
  const marker = await startedAttempt(learner, next.assessmentId);
  await toldOf(marker.id, 'attempt.started');
  await toldOf(id, 'attempt.graded');
  // The relay deletes a row after the log has it.
  await eventually(async () => {
    expect(await running.prisma.outbox.count()).toBe(0);
  });
  expect(
    attemptsTold()
      .map((told) => `${told.type} ${told.id}`)
      .sort(),
  ).toEqual(
    [
      `attempt.started ${id}`,
      `attempt.submitted ${id}`,
      `attempt.graded ${id}`,
      `attempt.started ${marker.id}`,
    ].sort(),
  );
});
