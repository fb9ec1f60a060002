import { idPrefix } from '@lyceum/service';

/** Those of `ids` that are TypeIDs of one type: no other can name anything, and none need be looked up. */
export function idsOf(prefix: 'course' | 'module' | 'item', ids: readonly string[]): string[] {
  return ids.filter((id) => idPrefix(id) === prefix);
}
