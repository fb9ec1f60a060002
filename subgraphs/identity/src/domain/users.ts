import type { Page } from '@lyceum/graphql';
import { forbidden, invalid, newId, notFound, type Role, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Database } from '../store/store.ts';
import type { NewUserRow, User, UserSelection } from '../store/users.ts';
import { checkedEmail, checkedName, checkedSearch } from './checked-text.ts';
import { emailTaken, lastAdmin } from './errors.ts';
import { hashPassword, passwordFault } from './passwords.ts';

export type Users = ReturnType<typeof createUsers>;

/** The people of an organisation and what they may do there. */
export function createUsers({ store, events }: { store: Database; events: IdentityEvents }) {
  return {
    /** @throws INVALID */
    page: async (viewer: Viewer, filter: UserFilter, page: Page) =>
      store.users.selectPage(viewer.organisationId, selectionOf(viewer, filter), page),

    /** @throws INVALID */
    count: async (viewer: Viewer, filter: UserFilter) =>
      store.users.count(viewer.organisationId, selectionOf(viewer, filter)),

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
      if (viewer.userId === user.id || seesAddresses(viewer)) return user.email;
      throw forbidden('the role ADMIN');
    },
  };
}

export interface UserFilter {
  readonly search?: string | null | undefined;
  readonly role?: Role | null | undefined;
}

/** Who may not see an address does not search in it either: it would be guessed letter by letter. */
function selectionOf(viewer: Viewer, { search, role }: UserFilter): UserSelection {
  return {
    search: checkedSearch(['filter', 'search'], search),
    inAddresses: seesAddresses(viewer),
    role: role ?? undefined,
  };
}

function seesAddresses({ roles }: Viewer): boolean {
  return roles.includes('ADMIN');
}

export interface NewUser {
  readonly name: string;
  readonly email: string;
  readonly password?: string | null | undefined;
  readonly roles: readonly Role[];
}

async function checkedUser({ name, email, password }: NewUser): Promise<NewUserRow> {
  const checked = {
    id: newId('user'),
    name: checkedName(['input', 'name'], name),
    email: checkedEmail(['input', 'email'], email),
    // An administrator vouches for the addresses that they enter; self-registration will verify its own.
    emailVerified: true,
  };
  const fault = password == null ? undefined : passwordFault(password);
  if (fault !== undefined) throw invalid(['input', 'password'], `The password ${fault}.`);
  return { ...checked, passwordHash: password == null ? null : await hashPassword(password) };
}

function checkedRoles(roles: readonly Role[]): Role[] {
  if (roles.length === 0) throw invalid(['input', 'roles'], 'Give at least one role.');
  return [...new Set(roles)];
}
