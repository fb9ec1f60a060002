import { loaderById, requireViewer, type RequestContext } from '@lyceum/graphql';
import DataLoader from 'dataloader';
import type { ActivityBucket, CourseActivities } from './domain/course-activity.ts';
import type { Names } from './domain/names.ts';
import type { Statements } from './domain/statements.ts';
import type { BucketWindow } from './store/course-activities.ts';

/** The domain, as resolvers call it. */
export interface Services {
  readonly statements: Statements;
  readonly courseActivities: CourseActivities;
  readonly names: Names;
}

export type Loaders = ReturnType<typeof createLoaders>;

export interface Context extends RequestContext, Services {
  /** Each finds only what the viewer may see. */
  readonly load: Loaders;
}

/** Makes the context of each request: loaders never outlive one. */
export function createContext(services: Services): (request: RequestContext) => Context {
  return (request) => ({ ...request, ...services, load: createLoaders(services, request) });
}

/** One query for all that a level of the answer asks for. */
function createLoaders({ statements, courseActivities }: Services, request: RequestContext) {
  const viewer = () => requireViewer(request);
  const windows = new Map<string, DataLoader<string, ActivityBucket[] | null>>();
  const loaderOf = (window: BucketWindow) =>
    new DataLoader<string, ActivityBucket[] | null>(async (ids) => {
      const counted = await courseActivities.counted(viewer(), ids, window);
      return ids.map((id) => counted.get(id) ?? null);
    });
  return {
    statement: loaderById(async (ids) => statements.readable(viewer(), ids)),

    /** The buckets of a course; null for a course that the organisation does not have. */
    activityOfCourse(courseId: string, window: BucketWindow): Promise<ActivityBucket[] | null> {
      const key = JSON.stringify(window);
      const loader = windows.get(key) ?? loaderOf(window);
      windows.set(key, loader);
      return loader.load(courseId);
    },
  };
}
