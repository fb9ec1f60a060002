import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, subscribe } from '@lyceum/testing';
import { newOrganisation, runLearning, type LearningUnderTest, type Person } from './kit/learning.ts';
import { enrol, itemsOf, newCourse, publishCourse, send, statement, type CourseState } from './kit/story.ts';

let learning: LearningUnderTest;
const school = newOrganisation();
let course: CourseState;
let other: CourseState;

beforeAll(async () => {
  learning = await runLearning();
  [course, other] = [newCourse(school.organisationId, [[{}, {}]]), newCourse(school.organisationId, [[{}]])];
  await publishCourse(learning, course);
  await publishCourse(learning, other);
  await learning.settled();
});
afterAll(() => learning.stop());

interface Event {
  progressUpdated: {
    percent: number;
    status: string;
    updatedAt: string;
    learner: { id: string };
    course: { id: string };
  };
}

async function follow(who: Person, courseId?: string) {
  const live = subscribe<Event>(
    learning.url,
    `subscription ($courseId: ID) {
      progressUpdated(courseId: $courseId) { percent status updatedAt learner { id } course { id } modules { percent } }
    }`,
    { token: await learning.issuer.tokenFor(who), variables: { courseId } },
  );
  await live.connected;
  return live;
}

test('a statement reaches the learner and the instructor, and nobody else', async () => {
  const { learner, another, instructor, admin, organisationId } = school;
  const elsewhere = newOrganisation();
  const theirs = newCourse(elsewhere.organisationId, [[{}]]);
  await publishCourse(learning, theirs);
  await enrol(learning, learner, course.id);
  await enrol(learning, another, course.id);
  await enrol(learning, another, other.id);
  await learning.settled();
  const lives = await Promise.all([
    follow(learner),
    follow(instructor),
    follow(admin, course.id),
    follow(another),
    follow(elsewhere.admin),
  ]);
  const [own, all, ofCourse, others, foreign] = lives;
  await untilSubscribed(5);

  await send(learning, organisationId, [statement(learner, 'completed', itemsOf(course)[0]!.id)]);
  const expected = {
    percent: 50,
    status: 'STARTED',
    learner: { id: learner.userId },
    course: { id: course.id },
    modules: [{ percent: 50 }],
  };
  expect((await own.next()).data.progressUpdated).toMatchObject(expected);
  expect((await all.next()).data.progressUpdated).toMatchObject(expected);
  expect((await ofCourse.next()).data.progressUpdated).toMatchObject(expected);

  await send(learning, organisationId, [statement(another, 'completed', itemsOf(other)[0]!.id)]);
  expect((await others.next()).data.progressUpdated).toMatchObject({
    percent: 100,
    course: { id: other.id },
  });
  expect((await all.next()).data.progressUpdated).toMatchObject({ percent: 100, course: { id: other.id } });
  // Changes of two courses have no order between them: the second is made when the first has been seen.
  await send(learning, organisationId, [statement(another, 'completed', itemsOf(course)[0]!.id)]);
  // Of the one course only: the event of the other one was not for this subscriber.
  expect((await ofCourse.next()).data.progressUpdated).toMatchObject({
    course: { id: course.id },
    percent: 50,
  });

  // The others have their events: had the stranger been sent one, it would come before the stranger's own.
  await enrol(learning, elsewhere.learner, theirs.id);
  expect((await foreign.next()).data.progressUpdated).toMatchObject({
    learner: { id: elsewhere.learner.userId },
    course: { id: theirs.id },
  });
  await Promise.all(lives.map((live) => live.close()));
  // Whoever leaves is let go at once, not only with the next event.
  await untilSubscribed(0);
});

/** A subscription has no acknowledgement of its own: the service says how many it serves. */
async function untilSubscribed(count: number): Promise<void> {
  await eventually(async () => {
    const metrics = await (await fetch(`${learning.url}/metrics`)).text();
    expect(metrics).toMatch(new RegExp(`^lyceum_live_subscribers\\{[^}]*\\} ${count}$`, 'm'));
  });
}

test('a visitor can not subscribe', async () => {
  const live = subscribe(learning.url, 'subscription { progressUpdated { id } }');
  expect((await live.next()).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  await live.close();
});
