import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { PrismaPg } from '@prisma/adapter-pg';
import { noEvidence } from '../src/domain/evidence.ts';
import { createEvidenceRecorder } from '../src/domain/record-evidence.ts';
import { createLearningEvents } from '../src/events/learning-events.ts';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore } from '../src/store/store.ts';
import { newOrganisation, publicUrl, runLearning, type LearningUnderTest } from './kit/learning.ts';
import { enrol, itemsOf, newCourse, publishCourse } from './kit/story.ts';

let learning: LearningUnderTest;
let prisma: PrismaClient;
beforeAll(async () => {
  learning = await runLearning();
  const connectionString = serviceDatabaseUrl(learning.databaseUrl, 'learning');
  prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 20 }) });
});
afterAll(async () => {
  await prisma.$disconnect();
  await learning.stop();
});

test('writers at the same time, with the same learners in any order, lose no update', async () => {
  const recorder = createEvidenceRecorder({
    store: createStore(prisma),
    events: createLearningEvents({ publicUrl }),
  });
  const school = newOrganisation();
  const { organisationId } = school;
  const course = newCourse(organisationId, [Array.from({ length: 10 }, () => ({})), [{}, {}]]);
  await publishCourse(learning, course);
  await learning.settled();
  const learners = Array.from({ length: 6 }, () => school.person('LEARNER'));
  for (const learner of learners) await enrol(learning, learner, course.id);

  // One transaction an item, all at once, each with all learners, forwards and backwards; and every second one twice.
  const at = new Date();
  const transactions = itemsOf(course).flatMap(({ id: itemId }, index) => {
    const found = learners.map(({ userId: learnerId }) => ({
      ...noEvidence,
      organisationId,
      learnerId,
      itemId,
      completedAt: at,
    }));
    const ordered = index % 2 === 0 ? found : found.reverse();
    return index % 2 === 0 ? [ordered] : [ordered, ordered];
  });
  await Promise.all(transactions.map((found) => recorder.record(found)));

  const rows = await prisma.courseProgress.findMany({ where: { courseId: course.id } });
  expect(
    rows.map(({ completedItems, percent, status, revision }) => ({
      completedItems,
      percent,
      status,
      revision,
    })),
  ).toEqual(learners.map(() => ({ completedItems: 12, percent: 100, status: 'COMPLETED', revision: 13 })));
  const modules = await prisma.moduleProgress.findMany({ where: { courseId: course.id } });
  expect(modules.every(({ percent }) => percent === 100)).toBe(true);
});
