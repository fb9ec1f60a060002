import { expect } from '@jest/globals';
import { domainEvent, type CourseState, type EnrolmentState } from '@lyceum/events';
import { newId } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import type { RunningAssessment } from './assessment.ts';

/** What the test says as catalog: a course with one quiz item for each assessment. */
export interface ToldCourse {
  readonly id: string;
  readonly itemIds: readonly string[];
}

/** Tells the service of a course, and waits until it knows. */
export async function tellCourse(
  { log, prisma }: RunningAssessment,
  organisationId: string,
  told: {
    id?: string;
    status?: CourseState['status'];
    revision?: number;
    assessmentIds?: readonly string[];
  } = {},
): Promise<ToldCourse> {
  const { id = newId('course'), status = 'PUBLISHED', revision = 1, assessmentIds = [] } = told;
  const items = assessmentIds.map((assessmentId, position) => quizItem(assessmentId, position));
  const page = { ...quizItem('', items.length), type: 'PAGE' as const, assessmentId: null };
  const modules = [{ id: newId('module'), title: 'Weeks', position: 0, items: [...items, page] }];
  const title = 'Bread';
  const course = { id, organisationId, title, slug: 'bread', status, revision, modules };
  const type = status === 'DRAFT' ? 'course.created' : 'course.published';
  await log.append([domainEvent({ type, subject: id, organisation: organisationId, data: { course } })]);
  await eventually(async () => {
    const known = await prisma.course.findFirst({ where: { id, organisationId } });
    expect(known?.revision).toBeGreaterThanOrEqual(revision);
  });
  return { id, itemIds: items.map((item) => item.id) };
}

function quizItem(assessmentId: string, position: number) {
  return { id: newId('item'), title: 'Quiz', type: 'QUIZ' as const, position, required: true, assessmentId };
}

/** Tells the service of an enrolment, and waits until it knows. */
export async function tellEnrolment(
  { log, prisma }: RunningAssessment,
  organisationId: string,
  told: {
    id?: string;
    courseId: string;
    learnerId: string;
    status?: EnrolmentState['status'];
    revision?: number;
  },
): Promise<string> {
  const { id = newId('enrolment'), courseId, learnerId, status = 'ACTIVE', revision = 1 } = told;
  const enrolment = { id, courseId, learnerId, status, revision, updatedAt: new Date().toISOString() };
  const type = status === 'WITHDRAWN' ? 'enrolment.withdrawn' : 'enrolment.created';
  await log.append([domainEvent({ type, subject: id, organisation: organisationId, data: { enrolment } })]);
  await eventually(async () => {
    const known = await prisma.enrolment.findFirst({ where: { id, organisationId } });
    expect(known?.revision).toBeGreaterThanOrEqual(revision);
  });
  return id;
}
