import type { Viewer } from '@lyceum/service';

/** Whether both may do the same: all that a subgraph could decide differently for one of them. */
export function holdSameRights(one: Viewer, other: Viewer): boolean {
  return (
    isSameSet(one.roles, other.roles) &&
    isSameSet(one.scopes, other.scopes) &&
    isSameSet(one.permissions, other.permissions) &&
    isSameSet(one.grants.keys(), other.grants.keys()) &&
    [...one.grants].every(([id, names]) => isSameSet(names, other.grants.get(id) ?? []))
  );
}

function isSameSet(one: Iterable<string>, other: Iterable<string>): boolean {
  const [left, right] = [new Set(one), new Set(other)];
  return left.size === right.size && [...left].every((each) => right.has(each));
}
