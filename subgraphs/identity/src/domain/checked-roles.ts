import { invalid, type Role } from '@lyceum/service';

/** Roles as they are kept: each once. @throws INVALID */
export function checkedRoles(roles: readonly Role[]): Role[] {
  if (roles.length === 0) throw invalid(['input', 'roles'], 'Give at least one role.');
  return [...new Set(roles)];
}
