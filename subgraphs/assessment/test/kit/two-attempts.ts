import { runAssessment, type Person, type RunningAssessment } from './assessment.ts';
import { tellEnrolment } from './neighbours.ts';
import { createQuiz, foundSchool, startedAttempt, type Quiz, type School } from './quiz.ts';

/** Two learners who each began an attempt at one quiz, by which a test tells what somebody sees. */
export interface TwoAttempts {
  readonly running: RunningAssessment;
  /** Its learner is the one who is to be seen. */
  readonly school: School;
  readonly quiz: Quiz;
  /** The learner who is not. */
  readonly other: Person;
  /** The ids of their attempts. */
  readonly seen: string;
  readonly unseen: string;
}

export async function twoAttempts(): Promise<TwoAttempts> {
  const running = await runAssessment();
  const school = await foundSchool(running);
  const quiz = await createQuiz(running, school);
  const other = await running.person('LEARNER', school.organisationId);
  await tellEnrolment(running, school.organisationId, { courseId: quiz.courseId, learnerId: other.userId });
  const { id: seen } = await startedAttempt(school.learner, quiz.assessmentId);
  const { id: unseen } = await startedAttempt(other, quiz.assessmentId);
  return { running, school, quiz, other, seen, unseen };
}
