import type { Page } from '@lyceum/graphql';
import { requirePermission, type Viewer } from '@lyceum/service';
import type { ListedGroup } from '../store/groups.ts';

/** Their own groups, or anybody's for who leads or manages people. @throws FORBIDDEN */
export function requireGroupsSeen(viewer: Viewer, ofUserId: string): void {
  if (viewer.userId !== ofUserId) requirePermission(viewer, 'group.list');
}

/** Where a group stands in a list by name. */
export function placeOfGroup({ nameKey, id }: ListedGroup): [string, string] {
  return [nameKey, id];
}

/** A page of somebody's groups, who are few and were loaded with those of everybody that a request asks for. */
export function pageOfGroups(groups: readonly ListedGroup[], page: Page): ListedGroup[] {
  const { after, before, backward, limit } = page;
  const within = groups.filter(
    (group) => (!after || isBeyond(group, after)) && (!before || !isBeyond(group, before, true)),
  );
  return backward ? within.toReversed().slice(0, limit) : within.slice(0, limit);
}

/** In the order of the database: that of the bytes of UTF-8, which is not that of JavaScript's UTF-16. */
function isBeyond(group: ListedGroup, place: NonNullable<Page['after']>, orThere = false): boolean {
  const byName = compareBytes(group.nameKey, String(place[0]));
  const order = byName === 0 ? compareBytes(group.id, String(place[1])) : byName;
  return orThere ? order >= 0 : order > 0;
}

const compareBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));
