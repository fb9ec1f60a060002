import { loaderById, loaderOfMany, requireViewer, type RequestContext } from '@lyceum/graphql';
import type { Services } from './services.ts';

export type Loaders = ReturnType<typeof createLoaders>;

/** One query for all that a level of the answer asks for. */
export function createLoaders({ courses, modules, contentItems }: Services, request: RequestContext) {
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
