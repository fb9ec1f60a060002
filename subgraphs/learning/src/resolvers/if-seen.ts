import { requireViewer } from '@lyceum/graphql';
import type { Context } from '../context.ts';
import { requireSight } from '../domain/access.ts';

/**
 * What a reference stands for, where the viewer may see it; null where the organisation has no such thing.
 *
 * @throws DomainError FORBIDDEN where it is another learner's and the viewer leads nobody.
 */
export function ifSeen<Row extends { readonly learnerId: string }>(
  context: Context,
  row: Row | null,
): Row | null {
  if (row) requireSight(requireViewer(context), row.learnerId);
  return row;
}
