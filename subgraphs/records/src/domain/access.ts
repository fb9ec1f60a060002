import { forbidden, objectsWhereViewerMay, requirePermission, viewerMay, type Viewer } from '@lyceum/service';

/**
 * Whose statements the viewer sees: everybody's of the organisation where that is undefined, else their own and those of
 * whom they observe; of these only `wanted`, where somebody is asked for.
 *
 * @throws DomainError FORBIDDEN
 */
export function learnersSeenBy(
  viewer: Viewer,
  wanted: string | null | undefined,
): readonly string[] | undefined {
  const observed = objectsWhereViewerMay(viewer, 'statement.read.all', 'user');
  if (observed === undefined) return wanted == null ? undefined : [wanted];
  const own = viewerMay(viewer, 'statement.read.own') ? [viewer.userId] : [];
  const seen = [...own, ...observed];
  if (wanted != null && wanted !== viewer.userId && !seen.includes(wanted))
    throw forbidden('statement.read.all');
  if (seen.length === 0 || wanted === viewer.userId) requirePermission(viewer, 'statement.read.own');
  return wanted == null ? seen : [wanted];
}
