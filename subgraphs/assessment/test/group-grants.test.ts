import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { domainEvent } from '@lyceum/events';
import { newId } from '@lyceum/service';
import { eventually, subscribe } from '@lyceum/testing';
import { liveSubscribers } from './kit/live-subscribers.ts';
import { attemptsQuery } from './kit/operations.ts';
import { startedAttempt, submit, type Quiz, type School } from './kit/quiz.ts';
import type { Person, RunningAssessment } from './kit/assessment.ts';
import { twoAttempts } from './kit/two-attempts.ts';

// Somebody who leads one group of the school, as their access token says; who is in it, identity tells.

let running: RunningAssessment;
let school: School;
let quiz: Quiz;
let other: Person;
let leader: Person;
let seen: string;
let unseen: string;
const group = newId('group');

beforeAll(async () => {
  ({ running, school, quiz, other, seen, unseen } = await twoAttempts());
  await tell({ added: [school.learner.userId], removed: [], revision: 1 });
  const grants = [{ may: ['INSTRUCTOR'], on: [group] }];
  leader = await running.person('LEARNER', school.organisationId, { grants });
});
afterAll(() => running.stop());

/** What identity tells of the group, once it was heard. */
async function tell(change: { added: string[]; removed: string[]; revision: number }): Promise<void> {
  const { organisationId } = school;
  const data = { groupId: group, organisationId, ...change };
  await running.log.append([
    domainEvent({ type: 'group.members-changed', subject: group, organisation: organisationId, data }),
  ]);
  await eventually(async () => {
    expect((await running.log.lag('assessment-groups')).filter(({ lag }) => lag > 0)).toEqual([]);
  });
}

interface Listed {
  attempts: { nodes: { id: string }[] };
}

const ids = async (filter: object = {}) =>
  (await leader.ask<Listed>(attemptsQuery, { filter })).data.attempts.nodes.map(({ id }) => id);

const read = (id: string) =>
  leader.ask('query ($id: ID!) { attempt(id: $id) { id responses { question { text } } } }', { id });

test('who leads a group sees the attempts of its people, and of nobody else', async () => {
  expect(await ids()).toEqual([seen]);
  expect(await ids({ learnerId: school.learner.userId, state: 'IN_PROGRESS' })).toEqual([seen]);
  expect(await ids({ state: 'GRADED' })).toEqual([]);
  expect(await ids({ learnerId: other.userId })).toEqual([]);
  expect((await read(seen)).errors).toBeUndefined();
  expect((await read(unseen)).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
});

test('a group of another organisation gives nothing, whoever says so in a token', async () => {
  const grants = [{ may: ['INSTRUCTOR'], on: [group] }];
  const { ask } = await running.person('LEARNER', newId('org'), { grants });
  expect((await ask<Listed>(attemptsQuery, { filter: {} })).data.attempts.nodes).toEqual([]);
});

test('who leads a group is told of its people’s graded attempts, whoever they are at that moment', async () => {
  const live = subscribe<{ attemptGraded: { id: string } }>(
    running.url,
    'subscription { attemptGraded { id } }',
    { token: leader.token },
  );
  await liveSubscribers(running, 1);
  await submit(other, unseen);
  await submit(school.learner, seen);
  expect((await live.next()).data.attemptGraded.id).toBe(seen);
  await tell({ added: [other.userId], removed: [school.learner.userId], revision: 2 });
  const [gone, come] = [
    (await startedAttempt(school.learner, quiz.assessmentId)).id,
    (await startedAttempt(other, quiz.assessmentId)).id,
  ];
  await submit(school.learner, gone);
  await submit(other, come);
  expect((await live.next()).data.attemptGraded.id).toBe(come);
  expect(await ids()).toEqual([unseen, come]);
  await live.close();
  await liveSubscribers(running, 0);
});
