import { domainEvent, type OutboxRow } from '@lyceum/events';
import { expanded } from '@lyceum/service';
import type { ApiClient } from '../store/api-clients.ts';
import type { Grant } from '../store/grants.ts';
import type { Group } from '../store/groups.ts';
import type { LrsKey } from '../store/lrs-keys.ts';
import type { Member } from '../store/memberships.ts';
import type { Organisation } from '../store/organisations.ts';
import type { PersonalAccessToken } from '../store/personal-access-tokens.ts';
import type { PrivacyJob } from '../store/privacy-jobs.ts';
import type { Session } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';
import type { User } from '../store/users.ts';
import { xapiScope } from './xapi-scope.ts';

/** What identity tells the others, written to the outbox of the transaction that `tx` belongs to. */
export interface IdentityEvents {
  organisationCreated(tx: Store, organisation: Organisation): Promise<void>;
  organisationUpdated(tx: Store, organisation: Organisation): Promise<void>;
  /** @param accessTokensUntil from when none of its access tokens is valid */
  organisationSuspended(tx: Store, organisation: Organisation, accessTokensUntil: Date): Promise<void>;
  /** @param accessTokensUntil from when none that its sessions got before is valid */
  organisationReinstated(tx: Store, organisation: Organisation, accessTokensUntil: Date): Promise<void>;
  /** A person with an account, and their first membership. */
  userRegistered(tx: Store, user: User, member: Member): Promise<void>;
  /** An account with another address; the name is that of one of its memberships. */
  userUpdated(tx: Store, user: User, name: string): Promise<void>;
  membershipChanged(tx: Store, member: MemberFacts): Promise<void>;
  /** Many at once; some with an account that is new. */
  peopleTakenIn(tx: Store, people: readonly (MemberFacts & { registered: boolean })[]): Promise<void>;
  groupsChanged(tx: Store, groups: readonly Group[]): Promise<void>;
  groupDeleted(tx: Store, group: Group): Promise<void>;
  /** Who came in and who went out; where that is nobody, nothing is told. */
  groupMembersChanged(tx: Store, group: Group, change: MembersChange): Promise<void>;
  roleGranted(tx: Store, grant: Grant): Promise<void>;
  roleRevoked(tx: Store, grant: Grant): Promise<void>;
  observationCreated(tx: Store, observation: Grant): Promise<void>;
  observationRemoved(tx: Store, observation: Grant): Promise<void>;
  /** @param accessTokensUntil from when none of their access tokens is valid */
  sessionsEnded(tx: Store, sessions: readonly Session[], accessTokensUntil: Date): Promise<void>;
  /** @param accessTokensUntil as of sessions */
  apiClientRevoked(tx: Store, client: ApiClient, accessTokensUntil: Date): Promise<void>;
  /** @param accessTokensUntil as of sessions */
  personalAccessTokensRevoked(
    tx: Store,
    tokens: readonly PersonalAccessToken[],
    accessTokensUntil: Date,
  ): Promise<void>;
  /** @param services those that are to answer this time */
  personalDataRequested(
    tx: Store,
    job: PrivacyJob,
    of: { homePage: string; services: readonly string[] },
  ): Promise<void>;
  privacyJobChanged(tx: Store, job: PrivacyJob): Promise<void>;
  lrsKeyCreated(tx: Store, key: LrsKey): Promise<void>;
  /** @param previousSecretHash of the secret that works until `key.previousUntil` */
  lrsKeyRotated(tx: Store, key: LrsKey, previousSecretHash: string): Promise<void>;
  lrsKeyRevoked(tx: Store, key: LrsKey, revokedAt: Date): Promise<void>;
}

/** What is told of a member. */
export type MemberFacts = Pick<Member, 'id' | 'organisationId' | 'name' | 'email' | 'roles' | 'revision'> &
  Partial<Pick<Member, 'deactivatedAt'>>;

export interface MembersChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export const identityEvents: IdentityEvents = {
  async organisationCreated(tx, { id, name, slug }) {
    const data = { organisation: { id, name, slug } };
    await tx.outbox.insert([
      domainEvent({ type: 'organisation.created', subject: id, organisation: id, data }),
    ]);
  },

  async organisationUpdated(tx, organisation) {
    const { id } = organisation;
    const data = { organisation: stateOf(organisation) };
    await tx.outbox.insert([
      domainEvent({ type: 'organisation.updated', subject: id, organisation: id, data }),
    ]);
  },

  async organisationSuspended(tx, organisation, accessTokensUntil) {
    const { id, suspendedAt } = organisation;
    const at = (suspendedAt ?? new Date()).toISOString();
    const until = accessTokensUntil.toISOString();
    const data = { organisation: { ...stateOf(organisation), suspendedAt: at, accessTokensUntil: until } };
    await tx.outbox.insert([
      domainEvent({ type: 'organisation.suspended', subject: id, organisation: id, data }),
    ]);
  },

  async organisationReinstated(tx, organisation, accessTokensUntil) {
    const { id, sessionsFrom } = organisation;
    const from = (sessionsFrom ?? new Date()).toISOString();
    const until = accessTokensUntil.toISOString();
    const data = { organisation: { ...stateOf(organisation), sessionsFrom: from, accessTokensUntil: until } };
    await tx.outbox.insert([
      domainEvent({ type: 'organisation.reinstated', subject: id, organisation: id, data }),
    ]);
  },

  async userRegistered(tx, { id, email, emailVerified, revision }, member) {
    const data = { user: { id, name: member.name, email, emailVerified, revision } };
    // An account belongs to no organisation; its memberships do.
    await tx.outbox.insert([
      domainEvent({ type: 'user.registered', subject: id, organisation: '', data }),
      membershipChanged(member),
    ]);
  },

  async userUpdated(tx, { id, email, emailVerified, revision }, name) {
    const data = { user: { id, name, email, emailVerified, revision } };
    await tx.outbox.insert([domainEvent({ type: 'user.updated', subject: id, organisation: '', data })]);
  },

  async membershipChanged(tx, member) {
    await tx.outbox.insert([membershipChanged(member)]);
  },

  async peopleTakenIn(tx, people) {
    const rows = people.flatMap((person) => {
      const { id, name, email, registered } = person;
      const user = { id, name, email, emailVerified: true, revision: 1 };
      const event = { type: 'user.registered', subject: id, organisation: '', data: { user } } as const;
      return registered ? [domainEvent(event), membershipChanged(person)] : [membershipChanged(person)];
    });
    await tx.outbox.insert(rows);
  },

  async sessionsEnded(tx, sessions, accessTokensUntil) {
    await tx.outbox.insert(sessions.map((session) => sessionEnded(session, accessTokensUntil)));
  },

  async apiClientRevoked(tx, { id, organisationId, revokedAt }, accessTokensUntil) {
    const data = { client: { id, organisationId, ...revocationOf(revokedAt, accessTokensUntil) } };
    await tx.outbox.insert([
      domainEvent({ type: 'api-client.revoked', subject: id, organisation: organisationId, data }),
    ]);
  },

  async personalAccessTokensRevoked(tx, tokens, accessTokensUntil) {
    const type = 'personal-access-token.revoked';
    const rows = tokens.map(({ id, userId, organisationId, revokedAt }) => {
      const token = { id, userId, organisationId, ...revocationOf(revokedAt, accessTokensUntil) };
      return domainEvent({ type, subject: id, organisation: organisationId, data: { token } });
    });
    await tx.outbox.insert(rows);
  },

  async groupsChanged(tx, groups) {
    await tx.outbox.insert(groups.map((group) => groupChanged(group, false)));
  },

  async groupDeleted(tx, group) {
    await tx.outbox.insert([groupChanged(group, true)]);
  },

  async groupMembersChanged(tx, { id: groupId, organisationId, membersRevision }, { added, removed }) {
    if (added.length + removed.length === 0) return;
    const people = { added: [...added], removed: [...removed] };
    const data = { groupId, organisationId, ...people, revision: membersRevision };
    await tx.outbox.insert([
      domainEvent({ type: 'group.members-changed', subject: groupId, organisation: organisationId, data }),
    ]);
  },

  async roleGranted(tx, grant) {
    await tx.outbox.insert([grantEvent('role.granted', grant)]);
  },

  async roleRevoked(tx, grant) {
    await tx.outbox.insert([grantEvent('role.revoked', grant)]);
  },

  async observationCreated(tx, observation) {
    await tx.outbox.insert([observationEvent('observation.created', observation)]);
  },

  async observationRemoved(tx, observation) {
    await tx.outbox.insert([observationEvent('observation.removed', observation)]);
  },

  async personalDataRequested(tx, { id: jobId, organisationId, userId, kind, emails, createdAt }, of) {
    const data = {
      jobId,
      organisationId,
      userId,
      kind: kind as 'EXPORT' | 'ERASURE',
      emails,
      homePage: of.homePage,
      requestedAt: createdAt.toISOString(),
      services: [...of.services],
    };
    // The person is the subject: what was told of them before is heard before.
    await tx.outbox.insert([
      domainEvent({ type: 'personal-data.requested', subject: userId, organisation: organisationId, data }),
    ]);
  },

  async privacyJobChanged(tx, { id, organisationId, userId, kind, state, parts }) {
    const job = {
      id,
      organisationId,
      userId,
      kind: kind as 'EXPORT' | 'ERASURE',
      state: state as 'RUNNING' | 'DONE' | 'FAILED' | 'EXPIRED',
      partsEnded: parts.filter((part) => part.state !== 'WAITING').length,
      parts: parts.length,
    };
    await tx.outbox.insert([
      domainEvent({ type: 'privacy-job.changed', subject: id, organisation: organisationId, data: { job } }),
    ]);
  },

  async lrsKeyCreated(tx, { id, key, secretHash, organisationId, name, scopes, expiresAt }) {
    const expiry = expiresAt && { expiresAt: expiresAt.toISOString() };
    const data = {
      key: { id, key, secretHash, organisationId, name, scopes: scopes.map(xapiScope), ...expiry },
    };
    await tx.outbox.insert([
      domainEvent({ type: 'lrs-key.created', subject: id, organisation: organisationId, data }),
    ]);
  },

  async lrsKeyRotated(tx, { id, key, organisationId, secretHash, previousUntil }, previousSecretHash) {
    const until = (previousUntil ?? new Date()).toISOString();
    const data = {
      key: { id, key, organisationId, secretHash, previousSecretHash, previousUntil: until },
    };
    await tx.outbox.insert([
      domainEvent({ type: 'lrs-key.rotated', subject: id, organisation: organisationId, data }),
    ]);
  },

  async lrsKeyRevoked(tx, { id, key, organisationId }, revokedAt) {
    const data = { key: { id, key, organisationId, revokedAt: revokedAt.toISOString() } };
    await tx.outbox.insert([
      domainEvent({ type: 'lrs-key.revoked', subject: id, organisation: organisationId, data }),
    ]);
  },
};

const stateOf = ({ id, name, slug, suspendedAt, revision }: Organisation) => ({
  id,
  name,
  slug,
  state: suspendedAt ? ('SUSPENDED' as const) : ('ACTIVE' as const),
  revision,
});

const revocationOf = (revokedAt: Date | null, accessTokensUntil: Date) => ({
  revokedAt: (revokedAt ?? new Date()).toISOString(),
  accessTokensUntil: accessTokensUntil.toISOString(),
});

function sessionEnded({ id, userId, organisationId, endedAt }: Session, accessTokensUntil: Date) {
  const session = {
    id,
    userId,
    organisationId,
    endedAt: (endedAt ?? new Date()).toISOString(),
    accessTokensUntil: accessTokensUntil.toISOString(),
  };
  return domainEvent({ type: 'session.ended', subject: id, organisation: organisationId, data: { session } });
}

/** The person is the subject, so that a user and their memberships arrive in order. */
function membershipChanged({ id: userId, organisationId, roles, deactivatedAt, revision }: MemberFacts) {
  const known = roles.filter(isRoleOfContract);
  const otherRoles = roles.filter((role) => !isRoleOfContract(role));
  const state = deactivatedAt ? 'DEACTIVATED' : 'ACTIVE';
  const membership = { userId, organisationId, roles: known, state, revision } as const;
  const data = { membership: otherRoles.length === 0 ? membership : { ...membership, otherRoles } };
  return domainEvent({ type: 'membership.changed', subject: userId, organisation: organisationId, data });
}

/** The person is the subject, as of the membership. */
function grantEvent(
  type: 'role.granted' | 'role.revoked',
  { id, userId, organisationId, role, customRole, objectId }: Grant,
) {
  const permissions = [...expanded(customRole?.permissions ?? [role])];
  const grant = {
    id,
    userId,
    organisationId,
    role,
    permissions,
    objectId: objectId === '' ? null : objectId,
  };
  return domainEvent({ type, subject: userId, organisation: organisationId, data: { grant } });
}

/** The observer is the subject, as of what else they are granted. */
function observationEvent(
  type: 'observation.created' | 'observation.removed',
  { id, organisationId, userId: observerId, objectId: learnerId }: Grant,
) {
  const data = { observation: { id, organisationId, observerId, learnerId } };
  return domainEvent({ type, subject: observerId, organisation: organisationId, data });
}

/** The first version of the contract knows these by name; a new one goes into its open list, which old readers skip. */
const rolesOfContract = ['ADMIN', 'AUTHOR', 'INSTRUCTOR', 'LEARNER'] as const;

function isRoleOfContract(role: string): role is (typeof rolesOfContract)[number] {
  return (rolesOfContract as readonly string[]).includes(role);
}

function groupChanged(group: Group, deleted: boolean): OutboxRow {
  const { id, organisationId, name, description, externalId, revision } = group;
  const data = { group: { id, organisationId, name, description, externalId, deleted, revision } };
  return domainEvent({ type: 'group.changed', subject: id, organisation: organisationId, data });
}
