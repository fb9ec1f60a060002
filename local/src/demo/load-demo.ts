import { setTimeout as delay } from 'node:timers/promises';
import { demoSecret } from '../checks/credentials.ts';
import { dataLiteracy } from './courses/data-literacy.ts';
import { energyInNumbers } from './courses/energy-in-numbers.ts';
import { laboratorySafety } from './courses/laboratory-safety.ts';
import { writeDemoMark, type DemoMark } from './demo-mark.ts';
import { GraphError, logIn, type GraphClient } from './graph-client.ts';
import { ensureCourse, type LoadedCourse } from './load-course.ts';

const courses = [dataLiteracy, laboratorySafety, energyInNumbers];

/** The demo learner is enrolled in so many of them, and has finished nothing. */
const enrolledIn = 2;

/**
 * Loads the demo courses over the public graph, as an author would, and enrols the demo learner. Identity has made
 * the organisation and its accounts. Repeating it after a crash adds what is missing; the mark is written last.
 */
export async function loadDemo({ graphqlUrl, file }: { graphqlUrl: string; file: string }): Promise<DemoMark> {
  const [author, learner] = await Promise.all([
    logIn(graphqlUrl, 'author@lyceum.example', demoSecret),
    logIn(graphqlUrl, 'learner@lyceum.example', demoSecret),
  ]);
  const loaded = await Promise.all(courses.map((course) => ensureCourse(author, course)));
  await Promise.all(loaded.slice(0, enrolledIn).map(({ id }) => enrol(learner, id)));
  const mark = await describe(learner, loaded);
  writeDemoMark(file, mark);
  return mark;
}

const patienceMs = 15_000;
const pauseMs = 50;

/** Learning hears of a published course from the event log: for a moment the course may not be known there. */
async function enrol(learner: GraphClient, courseId: string): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      await learner.request(
        `mutation Enrol($input: EnrolmentCreateInput!) {
          enrolmentCreate(input: $input) { enrolment { id } userErrors { message code } }
        }`,
        { input: { courseId, idempotencyKey: `demo-${courseId}` } },
      );
      return;
    } catch (error) {
      const notYet = error instanceof GraphError && error.codes.includes('NOT_FOUND');
      if (!notYet || Date.now() > deadline) throw error;
      await delay(pauseMs);
    }
  }
}

async function describe(learner: GraphClient, loaded: readonly LoadedCourse[]): Promise<DemoMark> {
  const { viewer } = await learner.request<{ viewer: { user: { id: string } } }>('query Self { viewer { user { id } } }');
  const course = loaded[0];
  const item = course?.modules[0]?.items[0];
  if (!course || !item) throw new Error('The demo course came back without its items');
  return {
    completedAt: new Date().toISOString(),
    learnerId: viewer.user.id,
    course: { id: course.id, title: course.title },
    item: { id: item.id, title: item.title },
  };
}
