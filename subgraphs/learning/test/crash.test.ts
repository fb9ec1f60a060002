import { expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { listen } from './kit/events.ts';
import { newOrganisation, runLearning } from './kit/learning.ts';
import { startProcess } from './kit/start-process.ts';
import { enrol, itemsOf, newCourse, progressOf, publishCourse, send, statement } from './kit/story.ts';

test('kill -9 between any two steps loses no statement and counts none twice', async () => {
  const learning = await runLearning(startProcess);
  const heard = await listen(learning);
  try {
    const { learner, organisationId } = newOrganisation();
    const course = newCourse(organisationId, [Array.from({ length: 60 }, () => ({}))]);
    await publishCourse(learning, course);
    await learning.settled();
    await enrol(learning, learner, course.id);

    const items = itemsOf(course);
    const completed = () =>
      learning.prisma.courseProgress
        .findFirst({ where: { courseId: course.id } })
        .then((row) => row!.completedItems);
    for (const [round, kill] of [10, 20, 30, 40].entries()) {
      const part = items.slice(round * 15, (round + 1) * 15);
      for (const { id } of part) await send(learning, organisationId, [statement(learner, 'completed', id)]);
      await eventually(
        async () => {
          if ((await completed()) < kill) throw new Error('not yet');
        },
        { timeoutMs: 20_000, pauseMs: 5 },
      );
      await learning.restart();
    }
    await learning.settled();

    expect(await progressOf(learning, learner, course.id)).toMatchObject({
      percent: 100,
      completedItems: 60,
    });
    const ids = (events: readonly { id: string }[]) => new Set(events.map(({ id }) => id));
    expect(ids(await heard.events('course.completed', course.id)).size).toBe(1);
    const changes = await heard.events('progress.changed', course.id);
    const revisions = changes.map(({ data }) => data.progress.revision);
    expect(new Set(revisions).size).toBe(ids(changes).size);
    expect(changes.at(-1)!.data.progress).toMatchObject({ completedItems: 60 });
  } finally {
    await heard.stop();
    await learning.stop();
  }
}, 120_000);
