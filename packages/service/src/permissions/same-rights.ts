import type { Viewer } from '../viewer.ts';

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

/** Whether both are of one user in one organisation and session; nobody is as good as nobody. */
export function isSameSession(one: Viewer | null | undefined, other: Viewer | null | undefined): boolean {
  return (
    one?.userId === other?.userId &&
    one?.organisationId === other?.organisationId &&
    one?.sessionId === other?.sessionId
  );
}

function isSameSet(one: Iterable<string>, other: Iterable<string>): boolean {
  const [left, right] = [new Set(one), new Set(other)];
  return left.size === right.size && [...left].every((each) => right.has(each));
}
