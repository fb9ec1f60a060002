import { activityIri } from '@lyceum/xapi';
import { createContentItems } from './domain/content-items.ts';
import { createCourseEditor } from './domain/course-editor.ts';
import { createCourses } from './domain/courses.ts';
import { createModules } from './domain/modules.ts';
import { createPublication } from './domain/publication.ts';
import { catalogEvents as events } from './events/catalog-events.ts';
import type { Database } from './store/store.ts';

/** What resolvers call. */
export type Services = ReturnType<typeof createServices>;

/** The whole domain, wired. */
export function createServices({ store, publicUrl }: { store: Database; publicUrl: string }) {
  const editor = createCourseEditor({ store, events });
  const courses = createCourses({ store, events, editor });
  const modules = createModules({ store, editor, courses });
  return {
    courses,
    publication: createPublication({ store, events }),
    modules,
    contentItems: createContentItems({ store, editor, courses, modules }),
    /** The IRI by which xAPI statements name an object of the catalog. */
    activityIri: (id: string) => activityIri(publicUrl, id),
  };
}
