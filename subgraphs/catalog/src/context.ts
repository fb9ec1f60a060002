import { loaderById, requireViewer, type RequestContext } from '@lyceum/graphql';
import DataLoader from 'dataloader';
import type { ContentItems } from './domain/content-items.ts';
import type { Courses } from './domain/courses.ts';
import type { Modules } from './domain/modules.ts';
import type { Publication } from './domain/publication.ts';

/** The domain, as resolvers call it. */
export interface Services {
  readonly courses: Courses;
  readonly publication: Publication;
  readonly modules: Modules;
  readonly contentItems: ContentItems;
  /** The IRI by which xAPI statements name an object of the catalog. */
  readonly activityIri: (id: string) => string;
}

export type Loaders = ReturnType<typeof createLoaders>;

export interface Context extends RequestContext, Services {
  /** Each finds only what the viewer may read. */
  readonly load: Loaders;
}

/** Makes the context of each request: loaders never outlive one. */
export function createContext(services: Services): (request: RequestContext) => Context {
  return (request) => ({ ...request, ...services, load: createLoaders(services, request) });
}

/** One query for all that a level of the answer asks for. */
function createLoaders({ courses, modules, contentItems }: Services, request: RequestContext) {
  const viewer = () => requireViewer(request);
  return {
    course: loaderById(async (ids) => courses.readable(viewer(), ids)),
    module: loaderById(async (ids) => modules.readable(viewer(), ids)),
    contentItem: loaderById(async (ids) => contentItems.readable(viewer(), ids)),
    modulesOfCourse: loaderOfMany(
      async (ids) => modules.ofCourses(viewer(), ids),
      ({ courseId }) => courseId,
    ),
    itemsOfModule: loaderOfMany(
      async (ids) => contentItems.ofModules(viewer(), ids),
      ({ moduleId }) => moduleId,
    ),
  };
}

/** For each parent its rows, in the order in which `select` answers them. */
function loaderOfMany<Row>(
  select: (parentIds: readonly string[]) => Promise<readonly Row[]>,
  parentOf: (row: Row) => string,
): DataLoader<string, Row[]> {
  return new DataLoader(async (ids) => {
    const rows = new Map<string, Row[]>(ids.map((id) => [id, []]));
    for (const row of await select(ids)) rows.get(parentOf(row))?.push(row);
    return ids.map((id) => rows.get(id) ?? []);
  });
}
