import type { Page } from '@lyceum/graphql';
import { forbidden, invalid, newId, notFound, type Role, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Database } from '../store/store.ts';
import type { NewUserRow, User, UserFilter } from '../store/users.ts';
import { emailTaken, lastAdmin } from './errors.ts';
import { hashPassword, passwordFault } from './passwords.ts';

export type Users = ReturnType<typeof createUsers>;

/** The people of an organisation and what they may do there. */
export function createUsers({ store, events }: { store: Database; events: IdentityEvents }) {
  return {
    page: (viewer: Viewer, filter: UserFilter, page: Page) =>
      store.users.selectPage(viewer.organisationId, filter, page),

    count: (viewer: Viewer, filter: UserFilter) => store.users.count(viewer.organisationId, filter),

    /** @throws INVALID, EMAIL_TAKEN */
    async create(viewer: Viewer, input: NewUser): Promise<User> {
      const user = await checkedUser(input);
      const roles = checkedRoles(input.roles);
      return store.transaction(async (tx) => {
        const created = await tx.users.insertOptional(user);
        if (!created) throw emailTaken();
        const { organisationId } = viewer;
        const membership = await tx.memberships.insert({ organisationId, userId: user.id, roles });
        await events.userRegistered(tx, created, membership);
        return created;
      });
    },

    /** @throws INVALID, NOT_FOUND, LAST_ADMIN */
    async updateRoles(viewer: Viewer, userId: string, wanted: readonly Role[]): Promise<User> {
      const roles = checkedRoles(wanted);
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        const [user] = await tx.users.selectMany(organisationId, [userId]);
        if (!user) throw notFound('user', userId, ['input', 'userId']);
        await tx.memberships.lockOrganisation(organisationId);
        const membership = await tx.memberships.update(organisationId, userId, roles);
        if ((await tx.memberships.countWithRole(organisationId, 'ADMIN')) === 0) throw lastAdmin();
        await events.membershipChanged(tx, membership);
        return user;
      });
    },

    /** The address of a person, for themselves and for administrators. @throws FORBIDDEN */
    emailSeenBy(viewer: Viewer, user: User): string {
      if (viewer.userId === user.id || viewer.roles.includes('ADMIN')) return user.email;
      throw forbidden('the role ADMIN');
    },
  };
}

export interface NewUser {
  readonly name: string;
  readonly email: string;
  readonly password?: string | null | undefined;
  readonly roles: readonly Role[];
}

/** One @ between something and a domain with a dot; what more there is to know, only a message to it can tell. */
const emailShape = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

async function checkedUser({ name, email, password }: NewUser): Promise<NewUserRow> {
  const address = email.trim().toLowerCase();
  const fault = password == null ? undefined : passwordFault(password);
  if (name.trim() === '' || name.length > 200)
    throw invalid(['input', 'name'], 'The name must have 1 to 200 characters.');
  if (!emailShape.test(address) || address.length > 254) {
    throw invalid(['input', 'email'], `${email} is not an e-mail address.`);
  }
  if (fault !== undefined) throw invalid(['input', 'password'], `The password ${fault}.`);
  const passwordHash = password == null ? null : await hashPassword(password);
  // An administrator vouches for the addresses that they enter; self-registration will verify its own.
  return { id: newId('user'), name: name.trim(), email: address, emailVerified: true, passwordHash };
}

function checkedRoles(roles: readonly Role[]): Role[] {
  if (roles.length === 0) throw invalid(['input', 'roles'], 'Give at least one role.');
  return [...new Set(roles)];
}
