import { loaderById, requireViewer, type RequestContext } from '@lyceum/graphql';
import type { KnownDeadLetter } from '@lyceum/events';
import DataLoader from 'dataloader';
import type { ActivityBucket } from './domain/course-activity.ts';
import type { DeadLetterPayload } from './domain/dead-letters.ts';
import type { Services } from './services.ts';
import type { BucketWindow } from './store/course-activities.ts';

export type Loaders = ReturnType<typeof createLoaders>;

/** One query for all that a level of the answer asks for. */
export function createLoaders(
  { statements, courseActivities, deadLetters }: Services,
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
    statement: loaderById(async (ids) => statements.readable(viewer(), ids)),

    /** What dead letters hold; null where the viewer may not look into one, or the log no longer has it. */
    deadLetterPayload: new DataLoader<KnownDeadLetter, DeadLetterPayload | null>(async (letters) => {
      const found = await deadLetters.payloads(viewer(), letters);
      return letters.map(({ id }) => found.get(id) ?? null);
    }),

    /** The buckets of a course; null for a course that the organisation does not have. */
    activityOfCourse(courseId: string, window: BucketWindow): Promise<ActivityBucket[] | null> {
      const key = JSON.stringify(window);
      const loader = windows.get(key) ?? loaderOf(window);
      windows.set(key, loader);
      return loader.load(courseId);
    },
  };
}
