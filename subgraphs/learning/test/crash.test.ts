import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { workspaceFile, type RunningService } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import { listen } from './events.ts';
import { newOrganisation, runLearning } from './learning.ts';
import { enrol, itemsOf, newCourse, progressOf, publishCourse, send, statement } from './story.ts';

/** The service in a process of its own, which is never stopped but killed. */
async function startProcess(variables: NodeJS.ProcessEnv): Promise<RunningService> {
  const child = fork(workspaceFile('subgraphs/learning', 'src/main.ts'), [], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...variables },
  });
  const exited = once(child, 'exit');
  const [message] = (await Promise.race([once(child, 'message'), exited])) as [{ url?: string } | number];
  if (typeof message === 'number') throw new Error(`learning ended with ${message}`);
  return {
    url: message.url ?? '',
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

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
    await heard.count('course.completed', 1);
    const ids = (type: string) => new Set(heard.ofType(type).map(({ id }) => id));
    expect(ids('course.completed').size).toBe(1);
    const revisions = heard
      .ofType('progress.changed')
      .map(({ data }) => (data as { progress: { revision: number; completedItems: number } }).progress);
    expect(new Set(revisions.map(({ revision }) => revision)).size).toBe(ids('progress.changed').size);
    expect(revisions.at(-1)).toMatchObject({ completedItems: 60 });
  } finally {
    await heard.stop();
    await learning.stop();
  }
}, 120_000);
