import { newOrganisation, runLearning, type LearningUnderTest, type Organisation } from './learning.ts';
import { enrol, newCourse, publishCourse, publishMember, type CourseState } from './story.ts';

/** Two learners enrolled in one course, by whose enrolments a test tells what somebody sees. */
export interface TwoLearners {
  readonly learning: LearningUnderTest;
  /** `learner` is the one who is to be seen, `another` the one who is not. */
  readonly academy: Organisation;
  readonly course: CourseState;
  /** The ids of their enrolments. */
  readonly seen: string;
  readonly unseen: string;
}

export async function twoLearners(): Promise<TwoLearners> {
  const learning = await runLearning();
  const academy = newOrganisation();
  const course = newCourse(academy.organisationId, [[{}, {}]]);
  await publishCourse(learning, course);
  for (const person of [academy.learner, academy.another]) await publishMember(learning, person);
  await learning.settled();
  const seen = await enrol(learning, academy.learner, course.id);
  const unseen = await enrol(learning, academy.another, course.id);
  return { learning, academy, course, seen, unseen };
}
