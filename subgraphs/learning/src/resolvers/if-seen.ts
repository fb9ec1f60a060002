import { requireViewer } from '@lyceum/graphql';
import type { Context } from '../context.ts';
import { requireMayDo, type LearningAct } from '../domain/access.ts';

/**
 * What a reference stands for, where the viewer may see it; null where the organisation has no such thing.
 *
 * @throws DomainError FORBIDDEN where the viewer may not see this learner's.
 */
export async function ifSeen<Row extends { readonly learnerId: string; readonly courseId?: string }>(
  context: Context,
  act: LearningAct,
  row: Row | null,
): Promise<Row | null> {
  if (row) {
    const { learnerId, courseId = null } = row;
    await requireMayDo(requireViewer(context), act, { learnerId, courseId }, context.load.groupsOf);
  }
  return row;
}
