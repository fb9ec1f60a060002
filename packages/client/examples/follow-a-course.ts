import {
  CatalogueDocument,
  EnrolDocument,
  ProgressUpdatedDocument,
  WhoAmIDocument,
  type LyceumClient,
  type ProgressUpdatedSubscription,
} from '@lyceum/client';

/** Logs in, enrols in the first course where one is not yet, and follows one's progress there. */
export async function followACourse(
  client: LyceumClient,
  { email, password }: { email: string; password: string },
  show: (progress: ProgressUpdatedSubscription['progressUpdated']) => void,
) {
  const login = await client.session.logIn({ email, password });
  if (login.outcome === 'refused') throw new Error(login.userErrors.map(({ message }) => message).join(' '));
  if (login.outcome === 'challenge')
    throw new Error('Ask for a code, and answer with session.answerChallenge.');

  const { viewer } = await client.ask(WhoAmIDocument, {});
  const { courses } = await client.ask(CatalogueDocument, { first: 20 });
  const course = courses.nodes.find(({ myEnrolment }) => myEnrolment == null) ?? courses.nodes[0];
  if (!viewer || !course) throw new Error('There is no course yet.');

  const leave = client.subscribe(
    ProgressUpdatedDocument,
    { courseId: course.id },
    {
      next: ({ data }) => {
        if (data) show(data.progressUpdated);
      },
      error: (error) => {
        console.error('No more progress is shown:', error.message);
      },
    },
  );
  // Sent again with the same key it enrols once: a button may be pressed twice, an answer be lost.
  const input = { courseId: course.id, idempotencyKey: `${viewer.user.id}/${course.id}` };
  const { enrolmentCreate } = await client.ask(EnrolDocument, { input });
  return { course, enrolment: enrolmentCreate.enrolment, userErrors: enrolmentCreate.userErrors, leave };
}
