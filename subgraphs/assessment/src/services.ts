import { createAssessments } from './domain/assessments.ts';
import { createAttempts } from './domain/attempts.ts';
import { createQuestions } from './domain/questions.ts';
import { createQuizPlaces } from './domain/quiz-places.ts';
import { createAssessmentEvents } from './events/assessment-events.ts';
import type { GradedAttempts } from './events/graded-attempts.ts';
import type { Database } from './store/store.ts';

/** What resolvers call. */
export type Services = ReturnType<typeof createServices>;

/** The whole domain, wired. */
export function createServices(parts: {
  store: Database;
  live: GradedAttempts;
  publicUrl: string;
  /** How long to wait for another service's event before saying no; milliseconds. */
  patienceMs: number;
}) {
  const { store, live, publicUrl, patienceMs } = parts;
  const events = createAssessmentEvents({ publicUrl });
  const assessments = createAssessments({ store, patienceMs });
  const quizPlaces = createQuizPlaces({ store, patienceMs });
  return {
    assessments,
    questions: createQuestions({ store }),
    attempts: createAttempts({ store, events, quizPlaces, assessments, live }),
  };
}
