import type { DemoQuestion, DemoQuiz } from './course.ts';
import type { GraphClient } from './graph-client.ts';
import { untilKnown } from './until-known.ts';

interface LoadedAssessment {
  readonly id: string;
  readonly title: string;
  readonly questions: readonly { version: { text: string } }[];
}

const assessmentFields = 'id title questions { version { text } }';

/** Creates what is missing of a quiz, and answers its id; what is there, by title and text, stays. */
export async function ensureAssessment(
  author: GraphClient,
  courseId: string,
  quiz: DemoQuiz,
): Promise<string> {
  const assessment =
    (await findAssessment(author, courseId, quiz.title)) ?? (await createAssessment(author, courseId, quiz));
  // One after another: the order of creation is the order of the quiz.
  for (const question of quiz.questions) {
    if (assessment.questions.some(({ version }) => version.text === question.prompt)) continue;
    await createQuestion(author, assessment.id, question);
  }
  return assessment.id;
}

async function findAssessment(author: GraphClient, courseId: string, title: string) {
  const { assessments } = await author.request<{ assessments: { nodes: LoadedAssessment[] } }>(
    `query DemoAssessments($courseId: ID!) {
      assessments(first: 100, filter: { courseId: $courseId }) { nodes { ${assessmentFields} } }
    }`,
    { courseId },
  );
  return assessments.nodes.find((assessment) => assessment.title === title);
}

async function createAssessment(
  author: GraphClient,
  courseId: string,
  { title, passingScore }: DemoQuiz,
): Promise<LoadedAssessment> {
  const { assessmentCreate } = await untilKnown(() =>
    author.request<{ assessmentCreate: { assessment: LoadedAssessment } }>(
      `mutation CreateAssessment($input: AssessmentCreateInput!) {
        assessmentCreate(input: $input) { assessment { ${assessmentFields} } userErrors { message code } }
      }`,
      { input: { courseId, title, passingScore } },
    ),
  );
  return assessmentCreate.assessment;
}

async function createQuestion(
  author: GraphClient,
  assessmentId: string,
  question: DemoQuestion,
): Promise<void> {
  const { prompt: text, points, feedback: generalFeedback } = question;
  await author.request(
    `mutation CreateQuestion($input: QuestionCreateInput!) {
      questionCreate(input: $input) { question { id } userErrors { message code } }
    }`,
    { input: { assessmentId, content: { text, points, generalFeedback, ...answerOf(question) } } },
  );
}

/** The one field of QuestionContentInput that fits the kind of the question. */
function answerOf(question: DemoQuestion): Record<string, unknown> {
  switch (question.kind) {
    case 'SINGLE_CHOICE':
      return { singleChoice: { choices: choicesOf(question.choices) } };
    case 'MULTIPLE_RESPONSE':
      return { multipleResponse: { choices: choicesOf(question.choices) } };
    case 'TRUE_FALSE':
      return { trueFalse: { isTrue: question.correct } };
    case 'NUMERICAL':
      return { numerical: { value: question.value, tolerance: question.tolerance } };
  }
}

function choicesOf(choices: readonly { text: string; correct?: true }[]) {
  return choices.map(({ text, correct }) => ({ text, correct: correct === true }));
}
