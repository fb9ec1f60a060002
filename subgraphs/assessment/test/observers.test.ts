import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OBSERVER_PERMISSIONS } from '@lyceum/service';
import { subscribe } from '@lyceum/testing';
import { liveSubscribers } from './kit/live-subscribers.ts';
import { attemptsQuery } from './kit/operations.ts';
import { createQuiz, foundSchool, startedAttempt, submit, type Quiz, type School } from './kit/quiz.ts';
import type { Person, RunningAssessment } from './kit/assessment.ts';
import { twoAttempts } from './kit/two-attempts.ts';

// A parent who observes one learner of the school, as their access token says.

let running: RunningAssessment;
let school: School;
let quiz: Quiz;
let other: Person;
let parent: Person;
let seen: string;
let unseen: string;

beforeAll(async () => {
  ({ running, school, quiz, other, seen, unseen } = await twoAttempts());
  const grants = [{ may: [...OBSERVER_PERMISSIONS], on: [school.learner.userId] }];
  parent = await running.person('OBSERVER', school.organisationId, { grants });
});
afterAll(() => running.stop());

const read = (id: string) =>
  parent.ask<{ attempt: { id: string; responses: { question: { text: string } }[] } | null }>(
    'query ($id: ID!) { attempt(id: $id) { id responses { question { text } result { correctness } } } }',
    { id },
  );

test('an observer sees the attempts of their learner, with what was asked, and of nobody else', async () => {
  interface Listed {
    attempts: { nodes: { id: string }[] };
  }
  const ids = async (filter: object) =>
    (await parent.ask<Listed>(attemptsQuery, { filter })).data.attempts.nodes.map(({ id }) => id);
  expect(await ids({})).toEqual([seen]);
  expect(await ids({ learnerId: school.learner.userId })).toEqual([seen]);
  expect(await ids({ learnerId: other.userId })).toEqual([]);
  const { data, errors } = await read(seen);
  expect(errors).toBeUndefined();
  expect(data.attempt?.responses.length).toBeGreaterThan(0);
  expect((await read(unseen)).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
});

test('an observer sees no answer key and no question apart from attempts, and takes no attempt', async () => {
  const keyed = await parent.ask(
    `query ($id: ID!) {
      attempt(id: $id) { responses { question { ... on NumericalVersion { answerKey { value } } } } }
    }`,
    { id: seen },
  );
  expect(keyed.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', missing: 'question.read' });
  const { errors } = await parent.ask('query ($id: ID!) { assessment(id: $id) { questions { id } } }', {
    id: quiz.assessmentId,
  });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', missing: 'question.read' });
  const submitted = await parent.ask(
    'mutation ($input: AttemptSubmitInput!) { attemptSubmit(input: $input) { userErrors { code } } }',
    { input: { attemptId: seen, idempotencyKey: 'k' } },
  );
  expect(submitted.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
});

test("another organisation's learner is none, whoever says so in a token of this one", async () => {
  const elsewhere = await foundSchool(running);
  const theirs = await createQuiz(running, elsewhere);
  const { id } = await startedAttempt(elsewhere.learner, theirs.assessmentId);
  const grants = [{ may: [...OBSERVER_PERMISSIONS], on: [elsewhere.learner.userId] }];
  const { ask } = await running.person('OBSERVER', school.organisationId, { grants });
  const { errors } = await ask('query ($id: ID!) { attempt(id: $id) { id } }', { id });
  expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
});

interface Graded {
  readonly attemptGraded: { readonly id: string };
}

async function follow({ token }: Person) {
  const live = subscribe<Graded>(running.url, 'subscription { attemptGraded { id } }', { token });
  await liveSubscribers(running, 1);
  return live;
}

test('an observer is told when an attempt of their learner is graded, and of nobody else’s', async () => {
  const live = await follow(parent);
  await submit(other, unseen);
  await submit(school.learner, seen);
  expect((await live.next()).data.attemptGraded.id).toBe(seen);
  await live.close();
  await liveSubscribers(running, 0);
});

test('who teaches one course is told of its attempts, and of none in another', async () => {
  const another = await createQuiz(running, school);
  const grants = [{ may: ['INSTRUCTOR'], on: [quiz.courseId] }];
  const live = await follow(await running.person('LEARNER', school.organisationId, { grants }));
  await submit(school.learner, (await startedAttempt(school.learner, another.assessmentId)).id);
  const { id } = await startedAttempt(other, quiz.assessmentId);
  await submit(other, id);
  expect((await live.next()).data.attemptGraded.id).toBe(id);
  await live.close();
  await liveSubscribers(running, 0);
});
