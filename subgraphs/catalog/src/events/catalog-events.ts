import { domainEvent, type EventData } from '@lyceum/events';
import type { Course } from '../store/courses.ts';
import type { Store } from '../store/store.ts';

export type CatalogEvents = typeof catalogEvents;

/** What the catalog tells the others, written to the outbox of the transaction that `tx` belongs to. */
export const catalogEvents = {
  courseCreated: (tx: Store, course: Course) => write(tx, 'course.created', course),

  /** The course, a module or an item of it changed. */
  courseUpdated: (tx: Store, course: Course) => write(tx, 'course.updated', course),

  coursePublished: (tx: Store, course: Course) => write(tx, 'course.published', course),

  courseArchived: (tx: Store, course: Course) => write(tx, 'course.archived', course),
};

type CourseEvent = 'course.created' | 'course.updated' | 'course.published' | 'course.archived';
type CourseState = EventData[CourseEvent]['course'];

async function write(tx: Store, type: CourseEvent, course: Course): Promise<void> {
  const data = { course: await stateOf(tx, course) };
  await tx.outbox.insert([
    domainEvent({ type, subject: course.id, organisation: course.organisationId, data }),
  ]);
}

/** The whole course as after the change, so that a consumer needs no other event to know it. */
async function stateOf(tx: Store, course: Course): Promise<CourseState> {
  const { id, organisationId, title, slug, status, revision } = course;
  const modules = await tx.modules.selectManyOfCourses(organisationId, [id]);
  const items = await tx.contentItems.selectOutlineOfCourse(organisationId, id);
  return {
    ...{ id, organisationId, title, slug, status, revision },
    modules: modules.map((module) => ({
      id: module.id,
      title: module.title,
      position: module.position,
      items: items.filter(({ moduleId }) => moduleId === module.id).map(itemState),
    })),
  };
}

type ItemState = CourseState['modules'][number]['items'][number];

function itemState({ id, title, type, position, required, assessmentId }: ItemState): ItemState {
  return { id, title, type, position, required, assessmentId };
}
