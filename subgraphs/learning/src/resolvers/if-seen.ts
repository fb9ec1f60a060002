import { requireViewer } from '@lyceum/graphql';
import type { Context } from '../context.ts';
import { requireMayDo, type LearningAct } from '../domain/access.ts';

/**
 * What a reference stands for, where the viewer may see it; null where the organisation has no such thing.
 *
 * @throws DomainError FORBIDDEN where the viewer may not see this learner's.
 */
export function ifSeen<Row extends { readonly learnerId: string; readonly courseId?: string }>(
  context: Context,
  act: LearningAct,
  row: Row | null,
): Row | null {
  if (row) {
    const { learnerId, courseId = null } = row;
    requireMayDo(requireViewer(context), act, { learnerId, courseId });
  }
  return row;
}
