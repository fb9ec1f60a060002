import type { EventData } from '@lyceum/events';
import { newId } from '@lyceum/service';
import {
  agentOf,
  activityIri,
  createOwnStatementWriter,
  verbs,
  type Statement,
  type VerbName,
} from '@lyceum/xapi';
import { publicUrl, type LearningUnderTest, type Person } from './learning.ts';

export type CourseState = EventData['course.updated']['course'];
type ItemType = CourseState['modules'][number]['items'][number]['type'];

/** An item as a test writes it down: a type, or a type that is optional. */
export interface ItemPlan {
  readonly type?: ItemType;
  readonly required?: boolean;
}

/** A published course with a module for each list of items. */
export function newCourse(organisationId: string, plan: readonly (readonly ItemPlan[])[]): CourseState {
  return {
    id: newId('course'),
    organisationId,
    title: 'Bread for beginners',
    slug: newId('slug').replace('_', '-'),
    status: 'PUBLISHED',
    revision: 1,
    modules: plan.map((items, position) => ({
      id: newId('module'),
      title: `Module ${position + 1}`,
      position,
      items: items.map((item, place) => newItem(item, place)),
    })),
  };
}

export function newItem({ type = 'PAGE', required = true }: ItemPlan, position: number) {
  const assessmentId = type === 'QUIZ' ? newId('assessment') : null;
  return { id: newId('item'), title: `Item ${position + 1}`, type, position, required, assessmentId };
}

/** The items of a course, in order. */
export function itemsOf(course: CourseState) {
  return course.modules.flatMap(({ items }) => items);
}

export async function publishCourse(learning: LearningUnderTest, course: CourseState): Promise<void> {
  const type = course.revision === 1 ? 'course.published' : 'course.updated';
  await learning.publish({ type, subject: course.id, organisation: course.organisationId, data: { course } });
}

export async function publishMember(
  learning: LearningUnderTest,
  person: Person,
  email?: string,
): Promise<void> {
  const { userId, organisationId, roles } = person;
  if (email !== undefined)
    await publishUser(learning, { id: userId, email, emailVerified: true, revision: 1 });
  await learning.publish({
    type: 'membership.changed',
    subject: userId,
    organisation: organisationId,
    data: {
      membership: {
        userId,
        organisationId,
        roles: roles.filter((role) => role !== 'OBSERVER' && role !== 'PLATFORM_ADMIN'),
        revision: 1,
      },
    },
  });
}

export async function publishUser(
  learning: LearningUnderTest,
  user: { id: string; email: string; emailVerified: boolean; revision: number },
): Promise<void> {
  const data = { user: { name: 'Dilnoza Karimova', ...user } };
  await learning.publish({ type: 'user.updated', subject: user.id, organisation: '', data });
}

const writer = createOwnStatementWriter({ publicUrl });

/** A statement as an xAPI tool sends it. */
export function statement(
  learner: Person | { readonly mbox: string },
  verb: VerbName,
  itemId: string,
  timestamp = new Date(),
): Statement {
  return {
    actor: 'mbox' in learner ? { mbox: learner.mbox } : agentOf(publicUrl, learner.userId),
    verb: { id: verbs[verb] },
    object: { id: activityIri(publicUrl, itemId) },
    timestamp: timestamp.toISOString(),
  };
}

/** Appends them as lrs/receive does: one record for a request. */
export async function send(
  learning: LearningUnderTest,
  organisationId: string,
  statements: readonly Statement[],
): Promise<void> {
  await learning.log.append([writer.record(organisationId, statements)]);
}

export interface ProgressAnswer {
  id: string;
  percent: number;
  status: string;
  completedItems: number;
  requiredItems: number;
  startedAt: string | null;
  completedAt: string | null;
  updatedAt: string;
  modules: { status: string; percent: number; items: { status: string; item: { id: string } }[] }[];
}

/** How far a learner is, as the graph says. */
export async function progressOf(
  learning: LearningUnderTest,
  learner: Person,
  courseId: string,
): Promise<ProgressAnswer | null> {
  const ask = await learning.as(learner);
  const { data, errors } = await ask<{ progress: ProgressAnswer | null }>(
    `query ($courseId: ID!) {
      progress(courseId: $courseId) {
        id percent status completedItems requiredItems startedAt completedAt updatedAt
        modules { status percent items { status item { id } } }
      }
    }`,
    { courseId },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data.progress;
}

/** Enrols a learner by their own hand. */
export async function enrol(learning: LearningUnderTest, learner: Person, courseId: string): Promise<string> {
  const ask = await learning.as(learner);
  const { data } = await ask<{
    enrolmentCreate: { enrolment: { id: string } | null; userErrors: unknown[] };
  }>(
    `mutation ($input: EnrolmentCreateInput!) {
      enrolmentCreate(input: $input) { enrolment { id } userErrors { field message code } }
    }`,
    { input: { courseId, idempotencyKey: newId('key') } },
  );
  const { enrolment, userErrors } = data.enrolmentCreate;
  if (!enrolment) throw new Error(JSON.stringify(userErrors));
  return enrolment.id;
}
