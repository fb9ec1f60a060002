import { expanded, forbidden, invalid, notFound, type Role, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Member } from '../store/memberships.ts';
import type { Database, Store } from '../store/store.ts';
import { actOn, recordAct } from './audit.ts';
import { checkedRoles } from './checked-roles.ts';
import { checkedEmail, checkedName } from './checked-text.ts';
import { changeRoles, type Departures } from './departures.ts';
import { beingErased, emailTaken } from './errors.ts';
import { hashPassword, passwordFault } from './passwords.ts';
import { seesAddresses } from './people-list.ts';
import { requireRoom } from './plan.ts';
import { requireRolesOf } from './platform-rights.ts';
import { registerPerson, type Person } from './register-person.ts';
import { requireAll, requireNow } from './require-now.ts';
import { requirePasswordLength } from './settings/password-length.ts';

export type Users = ReturnType<typeof createUsers>;

/** The people of an organisation and what they may do there. */
export function createUsers({
  store,
  events,
  departures,
}: {
  store: Database;
  events: IdentityEvents;
  departures: Departures;
}) {
  return {
    /** Takes a person in, whether or not they have an account elsewhere. @throws INVALID, EMAIL_TAKEN, PLAN_LIMIT */
    async create(viewer: Viewer, input: NewUser): Promise<Member> {
      if (input.password != null)
        await requirePasswordLength(store, viewer.organisationId, ['input', 'password'], input.password);
      const person = await checkedPerson(input);
      return store.transaction(async (tx) => {
        requireAll(await requireNow(tx, viewer, 'user.create'), expanded(person.roles));
        await requireRolesOf(tx, viewer.organisationId, person.roles);
        const member = await registerPerson(tx, events, viewer.organisationId, person);
        if (!member) throw emailTaken();
        const changes = { email: [null, member.email], roles: [[], member.roles] } as const;
        await recordAct(tx, actOn(viewer, 'user.create', member.id, changes));
        return member;
      });
    },

    /** @throws INVALID, NOT_FOUND, LAST_ADMIN; PLAN_LIMIT where it takes somebody back; CONFLICT for who is being erased */
    async updateRoles(viewer: Viewer, userId: string, wanted: readonly Role[]): Promise<Member> {
      const roles = checkedRoles(wanted);
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        const held = await requireNow(tx, viewer, 'membership.update');
        const before = await knownPerson(tx, organisationId, userId);
        requireAll(held, expanded(difference(before.roles, roles)));
        await requireRolesOf(tx, organisationId, roles);
        if (await tx.privacyJobs.lockOpen(organisationId, userId, 'ERASURE')) throw beingErased();
        const member = await changeRoles(tx, events, before, roles);
        if (before.roles.length === 0) await requireRoom(tx, organisationId);
        await recordAct(tx, actOn(viewer, 'membership.update', userId, { roles: [before.roles, roles] }));
        return member;
      });
    },

    /** Takes a person out of the organisation. @throws NOT_FOUND, also where they are out of it; LAST_ADMIN */
    async remove(viewer: Viewer, userId: string): Promise<string> {
      const { organisationId } = viewer;
      await store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        const held = await requireNow(tx, viewer, 'membership.remove');
        const before = await knownPerson(tx, organisationId, userId);
        const { roles } = before;
        if (roles.length === 0) throw notFound('user', userId, ['input', 'userId']);
        await departures.takeOut(tx, { organisationId, userId }, held);
        await recordAct(tx, actOn(viewer, 'membership.remove', userId, { roles: [roles, []] }));
      });
      return userId;
    },

    /** The address of a person, for themselves and for those who see addresses. @throws FORBIDDEN */
    emailSeenBy(viewer: Viewer, { id, email }: Member): string {
      if (viewer.userId === id || seesAddresses(viewer)) return email;
      throw forbidden('user.email.read');
    },
  };
}

/** The roles that the one list has and the other has not: those that are given or taken away. */
function difference(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...before.filter((role) => !after.includes(role)),
    ...after.filter((role) => !before.includes(role)),
  ];
}

/** @throws NOT_FOUND */
async function knownPerson(tx: Store, organisationId: string, userId: string): Promise<Member> {
  const [known] = await tx.memberships.selectMany(organisationId, [userId]);
  if (!known) throw notFound('user', userId, ['input', 'userId']);
  return known;
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
  const passwordHash = password == null ? null : await hashPassword(password);
  return { ...checked, passwordHash, passwordGiven: passwordHash !== null };
}
