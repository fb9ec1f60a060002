import { isMachine, newId } from '@lyceum/service';
import type { IdentityEvents } from '../../events/identity-events.ts';
import type { NewFault, PeopleImport } from '../../store/imports.ts';
import type { BatchPerson } from '../../store/people-batches.ts';
import type { Store } from '../../store/store.ts';
import { recordAct, type Actor } from '../audit.ts';
import { roomFor } from '../plan.ts';
import type { CheckedRow } from './check-row.ts';
import { hasSameRoles, planRow, withinRoom, type RowPlan } from './plan-row.ts';

type Planned = Exclude<RowPlan, { kind: 'FAULT' }>;

/** What became of the rows of a step. */
export interface StepResult {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly faults: readonly NewFault[];
}

/**
 * Some rows of an import, within the transaction of `tx` and with a statement for each kind of row that it writes. The
 * organisation must be locked, so that nobody else's roles change meanwhile. In a dry run nothing is written.
 */
export async function runStep(
  tx: Store,
  events: IdentityEvents,
  job: PeopleImport,
  rows: readonly CheckedRow[],
): Promise<StepResult> {
  const plans = await plan(tx, job, rows);
  const of = (kind: Planned['kind']) => plans.filter((one): one is Planned => one.kind === kind);
  const [creating, updating, unchanged] = [of('CREATE'), of('UPDATE'), of('UNCHANGED')];
  if (!job.dryRun) {
    await tx.peopleBatches.discardPlans();
    const created = await create(tx, events, job.organisationId, creating);
    const updated = await update(tx, events, job.organisationId, updating);
    const known = unchanged.map(({ member, row }) => ({ userId: member?.id ?? '', row }));
    await enterGroups(tx, events, job.organisationId, [...created, ...updated, ...known]);
    await recordStep(tx, job, created, updated);
  }
  return {
    created: creating.length,
    updated: updating.length,
    unchanged: unchanged.length,
    faults: plans.flatMap((one) => (one.kind === 'FAULT' ? [one.fault] : [])),
  };
}

async function plan(tx: Store, job: PeopleImport, rows: readonly CheckedRow[]): Promise<RowPlan[]> {
  const { organisationId } = job;
  const asked = rows.map(({ email, externalId }) => ({ email, externalId: externalId ?? null }));
  const matches = await tx.peopleBatches.selectMatches(organisationId, asked);
  const ids = matches.flatMap(({ accountId, externalUserId }) => [accountId, externalUserId]);
  const known = [...new Set(ids)].filter((id) => id !== null);
  const members = new Map(
    (await tx.memberships.selectMany(organisationId, known)).map((one) => [one.id, one]),
  );
  const plans = rows.map((row, place) => {
    const { accountId = null, externalUserId = null } = matches[place] ?? {};
    return planRow(row, {
      byEmail: members.get(accountId ?? ''),
      byExternalId: members.get(externalUserId ?? ''),
    });
  });
  return withinRoom(plans, await roomOf(tx, job));
}

/** A dry run wrote none of those that it counted. */
async function roomOf(tx: Store, { id, organisationId, dryRun }: PeopleImport): Promise<number> {
  const room = await roomFor(tx, organisationId);
  if (!dryRun) return room;
  const [job] = await tx.imports.selectMany(organisationId, [id]);
  return room - (job?.created ?? 0);
}

interface Written {
  readonly userId: string;
  readonly row: CheckedRow;
  readonly person: Omit<BatchPerson, 'userId'>;
}

async function create(
  tx: Store,
  events: IdentityEvents,
  organisationId: string,
  plans: readonly Planned[],
): Promise<Written[]> {
  if (plans.length === 0) return [];
  const accounts = plans.map(({ person: { email } }) => ({ id: newId('user'), email }));
  const made = await tx.peopleBatches.insertAccounts(accounts);
  // Who has an account elsewhere keeps its id.
  const others = accounts.filter(({ id }) => !made.has(id)).map(({ email }) => email);
  const elsewhere = new Map((await tx.users.selectManyByEmail(others)).map(({ email, id }) => [email, id]));
  const written = plans.map(({ person, row }, place) => {
    const userId = elsewhere.get(person.email) ?? accounts[place]?.id ?? '';
    return { userId, person, row };
  });
  const people = written.map(({ userId, person }) => ({ ...person, userId }));
  const rows = await tx.peopleBatches.insertMemberships(organisationId, people);
  const revisions = new Map(rows.map(({ userId, revision }) => [userId, revision]));
  await events.peopleTakenIn(
    tx,
    people.map((person) => ({
      ...eventOf(organisationId, person, revisions.get(person.userId) ?? 1),
      registered: made.has(person.userId),
    })),
  );
  return written;
}

async function update(
  tx: Store,
  events: IdentityEvents,
  organisationId: string,
  plans: readonly Planned[],
): Promise<Written[]> {
  if (plans.length === 0) return [];
  const written = plans.map(({ person, row, member }) => ({ userId: member?.id ?? '', person, row }));
  const people = written.map(({ userId, person }) => ({ ...person, userId }));
  const rows = await tx.peopleBatches.updateMemberships(organisationId, people);
  const revisions = new Map(rows.map(({ userId, revision }) => [userId, revision]));
  const deactivated = new Map(plans.map(({ member }) => [member?.id, member?.deactivatedAt ?? null]));
  const changed = people.filter(
    (person, place) => !hasSameRoles(person, plans[place]?.member ?? { roles: [] }),
  );
  await events.peopleTakenIn(
    tx,
    changed.map((person) => ({
      ...eventOf(organisationId, person, revisions.get(person.userId) ?? 1),
      deactivatedAt: deactivated.get(person.userId) ?? null,
      registered: false,
    })),
  );
  return written;
}

function eventOf(organisationId: string, { userId, name, email, roles }: BatchPerson, revision: number) {
  return { id: userId, organisationId, name, email, roles: [...roles], revision };
}

/** Puts people into the groups that their rows name; one that is not there yet is made. */
async function enterGroups(
  tx: Store,
  events: IdentityEvents,
  organisationId: string,
  people: readonly { userId: string; row: CheckedRow }[],
): Promise<void> {
  const names = [...new Set(people.flatMap(({ row }) => row.groups))];
  if (names.length === 0) return;
  const missing = names.map((name) => ({
    id: newId('group'),
    organisationId,
    name,
    description: null,
    externalId: null,
  }));
  await events.groupsChanged(tx, await tx.groups.insertMany(missing));
  const groups = await tx.groups.selectManyByName(organisationId, names);
  const idOf = new Map(groups.map(({ name, id }) => [name, id]));
  const members = people.flatMap(({ userId, row }) =>
    row.groups.map((name) => ({ groupId: idOf.get(name) ?? '', userId })),
  );
  const entered = await tx.groups.insertMembers(organisationId, members);
  const changed = await tx.groups.updateMembersRevision(
    organisationId,
    entered.map(({ groupId }) => groupId),
  );
  for (const group of changed) {
    const added = entered.filter(({ groupId }) => groupId === group.id).map(({ userId }) => userId);
    await events.groupMembersChanged(tx, group, { added, removed: [] });
  }
}

/** Who came in and who was changed, and by name those who got more than LEARNER. */
async function recordStep(
  tx: Store,
  job: PeopleImport,
  created: readonly Written[],
  updated: readonly Written[],
): Promise<void> {
  if (created.length + updated.length === 0) return;
  const idsOf = (written: readonly Written[]) => written.map(({ userId }) => userId);
  const more = [...created, ...updated].filter(({ person }) =>
    person.roles.some((role) => role !== 'LEARNER'),
  );
  const roles = Object.fromEntries(more.map(({ userId, person }) => [userId, person.roles]));
  await recordAct(tx, {
    act: 'people.import',
    by: importerOf(job),
    organisationId: job.organisationId,
    subjectId: job.id,
    changes: { created: [null, idsOf(created)], updated: [null, idsOf(updated)], roles: [null, roles] },
  });
}

export const importerOf = ({ userId }: Pick<PeopleImport, 'userId'>): Actor => ({
  kind: isMachine({ userId }) ? 'API_CLIENT' : 'USER',
  id: userId,
  sessionId: null,
});
