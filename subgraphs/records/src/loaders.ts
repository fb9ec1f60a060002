import { loaderById, requireViewer, type RequestContext } from '@lyceum/graphql';
import DataLoader from 'dataloader';
import type { ActivityBucket } from './domain/course-activity.ts';
import type { Services } from './services.ts';
import type { BucketWindow } from './store/course-activities.ts';

export type Loaders = ReturnType<typeof createLoaders>;

/** One query for all that a level of the answer asks for. */
export function createLoaders(
  { statements, courseActivities, storeJobs, statementForwardings }: Services,
  request: RequestContext,
) {
  const viewer = () => requireViewer(request);
  const windows = new Map<string, DataLoader<string, ActivityBucket[] | null>>();
  const loaderOf = (window: BucketWindow) =>
    new DataLoader<string, ActivityBucket[] | null>(async (ids) => {
      const counted = await courseActivities.counted(viewer(), ids, window);
      return ids.map((id) => counted.get(id) ?? null);
    });
  return {
    storeJob: loaderById(async (ids) => storeJobs.readable(viewer(), ids)),

    statementForwarding: loaderById(async (ids) => statementForwardings.readable(viewer(), ids)),

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
