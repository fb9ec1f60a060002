import type { Page } from '@lyceum/graphql';
import {
  forbidden,
  invalid,
  notFound,
  requirePermission,
  viewerMay,
  type Role,
  type Viewer,
} from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Member, MemberSelection } from '../store/memberships.ts';
import type { Database, Store } from '../store/store.ts';
import { actorOf, recordAct, type AuditEntry } from './audit.ts';
import { checkedEmail, checkedName, checkedSearch } from './checked-text.ts';
import { emailTaken, lastAdmin } from './errors.ts';
import { hashPassword, passwordFault } from './passwords.ts';
import { registerPerson, type Person } from './register-person.ts';
import type { PersonalAccessTokens } from './personal-access-tokens.ts';
import { requireNow } from './require-now.ts';
import type { Sessions } from './sessions.ts';

export type Users = ReturnType<typeof createUsers>;

/** The people of an organisation and what they may do there. */
export function createUsers({
  store,
  events,
  sessions,
  personalAccessTokens,
}: {
  store: Database;
  events: IdentityEvents;
  sessions: Sessions;
  personalAccessTokens: PersonalAccessTokens;
}) {
  /** The organisation must be locked. @throws LAST_ADMIN */
  async function changeRoles(
    tx: Store,
    organisationId: string,
    userId: string,
    roles: readonly Role[],
  ): Promise<Member> {
    const member = await tx.memberships.updateRoles(organisationId, userId, roles);
    if ((await tx.memberships.countWithRole(organisationId, 'ADMIN')) === 0) {
      throw lastAdmin(roles.length === 0 ? 'userId' : 'roles');
    }
    await events.membershipChanged(tx, member);
    return member;
  }

  return {
    /** @throws INVALID */
    page: async (viewer: Viewer, filter: UserFilter, page: Page) =>
      store.memberships.selectPage(viewer.organisationId, selectionOf(viewer, filter), page),

    /** @throws INVALID */
    count: async (viewer: Viewer, filter: UserFilter) =>
      store.memberships.count(viewer.organisationId, selectionOf(viewer, filter)),

    /** Takes a person in, whether or not they have an account elsewhere. @throws INVALID, EMAIL_TAKEN */
    async create(viewer: Viewer, input: NewUser): Promise<Member> {
      const person = await checkedPerson(input);
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'user.create');
        const member = await registerPerson(tx, events, viewer.organisationId, person);
        if (!member) throw emailTaken();
        const changes = { email: [null, member.email], roles: [[], member.roles] } as const;
        await recordAct(tx, actOn(viewer, 'user.create', member.id, changes));
        return member;
      });
    },

    /** @throws INVALID, NOT_FOUND, LAST_ADMIN */
    async updateRoles(viewer: Viewer, userId: string, wanted: readonly Role[]): Promise<Member> {
      const roles = checkedRoles(wanted);
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        await requireNow(tx, viewer, 'membership.update');
        const before = await knownPerson(tx, organisationId, userId);
        const member = await changeRoles(tx, organisationId, userId, roles);
        await recordAct(tx, actOn(viewer, 'membership.update', userId, { roles: [before.roles, roles] }));
        return member;
      });
    },

    /** Takes a person out of the organisation. @throws NOT_FOUND, also where they are out of it; LAST_ADMIN */
    async remove(viewer: Viewer, userId: string): Promise<string> {
      const { organisationId } = viewer;
      await store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        await requireNow(tx, viewer, 'membership.remove');
        const { roles } = await knownPerson(tx, organisationId, userId);
        if (roles.length === 0) throw notFound('user', userId, ['input', 'userId']);
        await changeRoles(tx, organisationId, userId, []);
        await sessions.endAll(tx, { organisationId, userId });
        await personalAccessTokens.revokeAll(tx, { organisationId, userId });
        await recordAct(tx, actOn(viewer, 'membership.remove', userId, { roles: [roles, []] }));
      });
      return userId;
    },

    /** Gives the viewer, or somebody else, another name. @throws INVALID, FORBIDDEN, NOT_FOUND */
    async rename(viewer: Viewer, wanted: string | null | undefined, newName: string): Promise<Member> {
      const { organisationId } = viewer;
      const userId = wanted ?? viewer.userId;
      const permission = userId === viewer.userId ? 'user.update.own' : 'user.update';
      requirePermission(viewer, permission);
      const name = checkedName(['input', 'name'], newName);
      return store.transaction(async (tx) => {
        if (userId !== viewer.userId) await requireNow(tx, viewer, 'user.update');
        const before = await knownPerson(tx, organisationId, userId);
        const member = await tx.memberships.updateName(organisationId, userId, name);
        await recordAct(tx, actOn(viewer, 'user.update', userId, { name: [before.name, name] }));
        return member;
      });
    },

    /** The address of a person, for themselves and for those who see addresses. @throws FORBIDDEN */
    emailSeenBy(viewer: Viewer, { id, email }: Member): string {
      if (viewer.userId === id || seesAddresses(viewer)) return email;
      throw forbidden('user.email.read');
    },
  };
}

/** An act of the viewer's on somebody in the organisation. */
function actOn(
  viewer: Viewer,
  act: AuditEntry['act'],
  subjectId: string,
  changes: NonNullable<AuditEntry['changes']>,
): AuditEntry {
  return { act, by: actorOf(viewer), organisationId: viewer.organisationId, subjectId, changes };
}

/** @throws NOT_FOUND */
async function knownPerson(tx: Store, organisationId: string, userId: string): Promise<Member> {
  const [known] = await tx.memberships.selectMany(organisationId, [userId]);
  if (!known) throw notFound('user', userId, ['input', 'userId']);
  return known;
}

export interface UserFilter {
  readonly search?: string | null | undefined;
  readonly role?: Role | null | undefined;
}

/** Who may not see an address does not search in it either: it would be guessed letter by letter. */
function selectionOf(viewer: Viewer, { search, role }: UserFilter): MemberSelection {
  return {
    search: checkedSearch(['filter', 'search'], search),
    inAddresses: seesAddresses(viewer),
    role: role ?? undefined,
  };
}

function seesAddresses(viewer: Viewer): boolean {
  return viewerMay(viewer, 'user.email.read');
}

export interface NewUser {
  readonly name: string;
  readonly email: string;
  readonly password?: string | null | undefined;
  readonly roles: readonly Role[];
}

/** The hash is made also where an account is there already: the time of the answer does not tell. */
async function checkedPerson({ name, email, password, roles }: NewUser): Promise<Person> {
  const checked = {
    name: checkedName(['input', 'name'], name),
    email: checkedEmail(['input', 'email'], email),
    roles: checkedRoles(roles),
  };
  const fault = password == null ? undefined : passwordFault(password);
  if (fault !== undefined) throw invalid(['input', 'password'], `The password ${fault}.`);
  return { ...checked, passwordHash: password == null ? null : await hashPassword(password) };
}

function checkedRoles(roles: readonly Role[]): Role[] {
  if (roles.length === 0) throw invalid(['input', 'roles'], 'Give at least one role.');
  return [...new Set(roles)];
}
