import { demoSecret } from '../checks/credentials.ts';
import { dataLiteracy } from './courses/data-literacy.ts';
import { energyInNumbers } from './courses/energy-in-numbers.ts';
import { laboratorySafety } from './courses/laboratory-safety.ts';
import type { DemoMark } from './demo-mark.ts';
import { logIn, type GraphClient } from './graph-client.ts';
import { ensureCourse, type LoadedCourse } from './load-course.ts';
import { untilKnown } from './until-known.ts';

const courses = [dataLiteracy, laboratorySafety, energyInNumbers];

/** The demo learner is enrolled in so many of them, and has finished nothing. */
const enrolledIn = 2;

/**
 * Loads the demo courses over the public graph, as an author would, and enrols the demo learner. Identity has made
 * the organisation and its accounts. Repeating it, after a crash say, adds what is missing.
 *
 * @param stop aborted when it is to end wherever it is
 */
export async function loadDemo(graphqlUrl: string, stop?: AbortSignal): Promise<DemoMark> {
  const graph = { url: graphqlUrl, stop };
  const [author, learner] = await Promise.all([
    logIn(graph, 'author@lyceum.example', demoSecret),
    logIn(graph, 'learner@lyceum.example', demoSecret),
  ]);
  const loaded = await Promise.all(courses.map((course) => ensureCourse(author, course)));
  await Promise.all(loaded.slice(0, enrolledIn).map(({ id }) => enrol(learner, id)));
  return describe(learner, loaded);
}

async function enrol(learner: GraphClient, courseId: string): Promise<void> {
  await untilKnown(() =>
    learner.request(
      `mutation Enrol($input: EnrolmentCreateInput!) {
        enrolmentCreate(input: $input) { enrolment { id } userErrors { message code } }
      }`,
      { input: { courseId, idempotencyKey: `demo-${courseId}` } },
    ),
  );
}

async function describe(learner: GraphClient, loaded: readonly LoadedCourse[]): Promise<DemoMark> {
  const { viewer } = await learner.request<{ viewer: { user: { id: string } } }>(
    'query Self { viewer { user { id } } }',
  );
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
