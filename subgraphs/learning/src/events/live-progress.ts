import { createLiveStates, type DomainEventOf, type LiveStatesOptions, type LiveTopic } from '@lyceum/events';
import type { ShownCourseProgress } from '../store/course-progress.ts';

type ProgressChanged = 'progress.changed';

/**
 * Progress as it changes, for the subscribers of this instance. The events carry all that is shown, so that one costs
 * no query; of what a slow subscriber has not taken yet, the newest state of each learner in each course is kept.
 */
export function createLiveProgress(
  options: Pick<LiveStatesOptions<ProgressChanged, ShownCourseProgress>, 'log' | 'logger' | 'metrics'>,
): LiveTopic<ShownCourseProgress> {
  return createLiveStates({ ...options, topic: 'learning.events', type: 'progress.changed', stateOf });
}

function stateOf({ organisation, data }: DomainEventOf<ProgressChanged>): ShownCourseProgress {
  const { startedAt, completedAt, updatedAt, ...progress } = data.progress;
  return {
    ...progress,
    organisationId: organisation,
    startedAt: startedAt === null ? null : new Date(startedAt),
    completedAt: completedAt === null ? null : new Date(completedAt),
    updatedAt: new Date(updatedAt),
  };
}
