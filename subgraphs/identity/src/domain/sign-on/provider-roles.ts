import { isRole, PLATFORM_ROLE, type Role } from '@lyceum/service';
import type { IdentityProvider, RoleMapping } from '../../store/identity-providers.ts';
import type { Claims } from './relying-party.ts';

/** What values of the role claim give, as it is kept. */
export const mappingOf = ({ roleMapping }: Pick<IdentityProvider, 'roleMapping'>): RoleMapping[] =>
  roleMapping as unknown as RoleMapping[];

/** Every role that the provider can give: never one that stands above the organisations. */
export function rolesGivenBy(provider: {
  readonly defaultRoles: readonly string[];
  readonly roleMapping: readonly RoleMapping[];
}): Role[] {
  const names = [...provider.defaultRoles, ...provider.roleMapping.map(({ role }) => role)];
  return [...new Set(names)].filter(isRole).filter((role) => role !== PLATFORM_ROLE);
}

/** What somebody is given who comes in with these claims: the default roles, and those of what the role claim says. */
export function rolesOf(provider: IdentityProvider, claims: Claims): Role[] {
  const said = provider.roleClaim === null ? undefined : claims[provider.roleClaim];
  const values: unknown[] = Array.isArray(said) ? said : [said];
  const roleMapping = mappingOf(provider).filter(({ value }) => values.includes(value));
  return rolesGivenBy({ defaultRoles: provider.defaultRoles, roleMapping });
}
