import { newId, PLATFORM_ROLE } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Database } from '../store/store.ts';
import { recordAct, system, type AuditEntry } from './audit.ts';
import { hashPassword } from './passwords.ts';
import { registerPerson } from './register-person.ts';

/** The organisation that an empty identity begins with, and its administrator. */
export interface Bootstrap {
  readonly name: string;
  readonly slug: string;
  readonly email: string;
  readonly password: string;
}

/** Nobody has given the person's own. */
const administratorName = 'Administrator';

/**
 * Makes the first organisation with its administrator where there is none at all, as Keycloak does with its bootstrap
 * admin (https://www.keycloak.org/server/bootstrap-admin-recovery). Of several instances that start at once, one does.
 *
 * @returns whether this call made it; false where there is an organisation already, then nothing is changed.
 */
export async function bootstrapOrganisation(
  store: Database,
  events: IdentityEvents,
  { name, slug, email, password }: Bootstrap,
): Promise<boolean> {
  if (await store.organisations.exists()) return false;
  const passwordHash = await hashPassword(password);
  return store.transaction(async (tx) => {
    await tx.organisations.lock();
    if (await tx.organisations.exists()) return false;
    const organisation = await tx.organisations.insert({ id: newId('org'), slug, name, platform: true });
    await events.organisationCreated(tx, organisation);
    const person = { name: administratorName, email, passwordHash, roles: ['ADMIN', PLATFORM_ROLE] } as const;
    await registerPerson(tx, events, organisation.id, person);
    await recordAct(tx, organisationMade(organisation));
    return true;
  });
}

/** Identity made it at a start. */
export function organisationMade({ id, slug }: { id: string; slug: string }): AuditEntry {
  const changes = { slug: [null, slug] } as const;
  return { act: 'organisation.create', by: system, organisationId: id, subjectId: id, changes };
}

/** A slug made from a name: "École du Nord" becomes `ecole-du-nord`; empty where none can be. */
export function slugOfName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 100)
    .replace(/-$/, '');
}
