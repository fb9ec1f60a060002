import {
  conflict,
  forbidden,
  newId,
  notFound,
  viewerMay,
  viewerMaySomewhere,
  type Viewer,
} from '@lyceum/service';
import type { AnswerKeyOfVersion } from '../store/answer-keys.ts';
import type { Assessment } from '../store/assessments.ts';
import type { Question, QuestionVersion } from '../store/questions.ts';
import type { Database, Store } from '../store/store.ts';
import { reachedBy, requireReach } from './access.ts';
import { orderIncomplete, tooManyQuestions } from './errors.ts';
import { checkedQuestion, type CheckedQuestion, type QuestionDraft } from './question-draft.ts';

export type Questions = ReturnType<typeof createQuestions>;

const mostQuestions = 100;
const contentField = ['input', 'content'];

/** The questions of assessments. Their versions are written once; a change makes another one. */
export function createQuestions({ store }: { store: Database }) {
  /** Versions of questions that the viewer may see. @throws FORBIDDEN where one is of another question. */
  async function seenVersions(viewer: Viewer, ids: readonly string[]): Promise<QuestionVersion[]> {
    if (!viewerMaySomewhere(viewer, 'question.read')) throw forbidden('question.read');
    const { organisationId } = viewer;
    const versions = await store.questions.selectManyVersions(organisationId, ids);
    if (viewerMay(viewer, 'question.read')) return versions;
    const questionIds = versions.map(({ questionId }) => questionId);
    const questions = await store.questions.selectMany(organisationId, questionIds);
    await requireReach(store, viewer, 'question.read', questions.map(assessmentOf));
    return versions;
  }

  return {
    /** Those of `ids` that the viewer may look up: for learners none, who have the responses of their attempts. */
    async readable(viewer: Viewer, ids: readonly string[]): Promise<Question[]> {
      if (!viewerMaySomewhere(viewer, 'question.read')) return [];
      const rows = await store.questions.selectMany(viewer.organisationId, ids);
      return reachedBy(store, viewer, 'question.read', { rows, assessmentOf });
    },

    /** Those of `ids` as a part of something that the viewer may see: an attempt of theirs. */
    referenced: (viewer: Viewer, ids: readonly string[]) =>
      store.questions.selectMany(viewer.organisationId, ids),

    /** What these assessments ask now, in order. @throws FORBIDDEN */
    async ofAssessments(viewer: Viewer, assessmentIds: readonly string[]): Promise<Question[]> {
      await requireReach(store, viewer, 'question.read', assessmentIds);
      return store.questions.selectManyOfAssessments(viewer.organisationId, assessmentIds);
    },

    /** What questions ask now: it may be what an attempt of tomorrow will. @throws FORBIDDEN */
    versions: seenVersions,

    /** What is right in versions of questions: never for a learner, who may try again. @throws FORBIDDEN */
    async answerKeys(viewer: Viewer, versionIds: readonly string[]): Promise<AnswerKeyOfVersion[]> {
      if (!viewerMay(viewer, 'question.read')) await seenVersions(viewer, versionIds);
      return store.answerKeys.selectMany(viewer.organisationId, versionIds);
    },

    /** Adds a question at the end. @throws INVALID, TOO_MANY, NOT_FOUND */
    async create(viewer: Viewer, input: { assessmentId: string; content: QuestionDraft }): Promise<Question> {
      const checked = checkedQuestion(input.content, contentField);
      return store.transaction(async (tx) => {
        const assessment = await lockAssessment(tx, viewer, input.assessmentId);
        const others = await tx.questions.selectManyOfAssessments(viewer.organisationId, [assessment.id]);
        if (others.length >= mostQuestions) throw tooManyQuestions(mostQuestions);
        return insertQuestion(tx, assessment, others.length + 1, checked);
      });
    },

    /** Gives a question another version. @throws INVALID, TOO_MANY, NOT_FOUND, CONFLICT */
    async update(
      viewer: Viewer,
      input: { id: string; version?: number | null | undefined; content: QuestionDraft },
    ): Promise<Question> {
      const checked = checkedQuestion(input.content, contentField);
      return store.transaction(async (tx) => {
        const question = await lockQuestion(tx, viewer, input.id);
        const [current] = await tx.questions.selectManyVersions(viewer.organisationId, [question.versionId]);
        const number = current?.number ?? 0;
        if (input.version != null && input.version !== number) {
          throw conflict(`The question has the version ${number} by now: read it again.`);
        }
        const version = await insertVersion(tx, question, number + 1, checked);
        return tx.questions.updateVersion(viewer.organisationId, question.id, version.id);
      });
    },

    /** Takes a question out of its assessment. @throws NOT_FOUND */
    async delete(viewer: Viewer, id: string): Promise<Assessment> {
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        const { assessmentId, assessment } = await lockQuestion(tx, viewer, id);
        await tx.questions.updateRemoved(organisationId, id);
        const rest = await tx.questions.selectManyOfAssessments(organisationId, [assessmentId]);
        const ids = rest.map((each) => each.id);
        await tx.questions.updateOrder(organisationId, assessmentId, ids);
        return assessment;
      });
    },

    /** Puts the questions of an assessment into a new order. @throws NOT_FOUND, ORDER_INCOMPLETE */
    async reorder(viewer: Viewer, assessmentId: string, ids: readonly string[]): Promise<Assessment> {
      return store.transaction(async (tx) => {
        const assessment = await lockAssessment(tx, viewer, assessmentId);
        const questions = await tx.questions.selectManyOfAssessments(viewer.organisationId, [assessmentId]);
        const wanted = new Set(ids);
        const complete = wanted.size === ids.length && ids.length === questions.length;
        if (!complete || !questions.every(({ id }) => wanted.has(id))) throw orderIncomplete();
        await tx.questions.updateOrder(viewer.organisationId, assessmentId, ids);
        return assessment;
      });
    },
  };
}

const assessmentOf = ({ assessmentId }: Question) => assessmentId;

/** Counts the assessment one up, which keeps other writers and starting attempts out until the transaction ends. @throws FORBIDDEN, NOT_FOUND */
async function lockAssessment(tx: Store, viewer: Viewer, id: string): Promise<Assessment> {
  const { organisationId } = viewer;
  await requireReach(tx, viewer, 'assessment.update', [id]);
  const assessment = await tx.assessments.update(organisationId, id, {});
  if (!assessment) throw notFound('assessment', id, ['input', 'assessmentId']);
  return assessment;
}

/** A question that is a part of its assessment, with that locked. */
async function lockQuestion(
  tx: Store,
  viewer: Viewer,
  id: string,
): Promise<Question & { assessment: Assessment }> {
  const { organisationId } = viewer;
  const missing = () => notFound('question', id, ['input', 'id']);
  const before = await tx.questions.selectOptional(organisationId, id);
  if (!before) throw missing();
  const assessment = await lockAssessment(tx, viewer, before.assessmentId);
  // Read again: another writer may have changed it, or taken it out, before the lock was ours.
  const question = await tx.questions.selectOptional(organisationId, id);
  if (question?.position == null) throw missing();
  return { ...question, assessment };
}

async function insertQuestion(
  tx: Store,
  { id: assessmentId, organisationId }: Assessment,
  position: number,
  checked: CheckedQuestion,
): Promise<Question> {
  const id = newId('question');
  const versionId = newId('question_version');
  const question = await tx.questions.insert({ id, organisationId, assessmentId, position, versionId });
  await insertVersion(tx, question, 1, checked, versionId);
  return question;
}

async function insertVersion(
  tx: Store,
  { id: questionId, organisationId }: Question,
  number: number,
  { text, points, content, key }: CheckedQuestion,
  id = newId('question_version'),
): Promise<QuestionVersion> {
  const version = await tx.questions.insertVersion({
    id,
    organisationId,
    questionId,
    number,
    text,
    points,
    content,
  });
  await tx.answerKeys.insert(organisationId, id, key);
  return version;
}
