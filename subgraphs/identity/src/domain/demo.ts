import { newId, PLATFORM_ROLE, StartError, type Role } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Database } from '../store/store.ts';
import { recordAct } from './audit.ts';
import { organisationMade } from './bootstrap.ts';
import { hashPassword } from './passwords.ts';
import { registerPerson } from './register-person.ts';
import { hashSecret } from './secrets.ts';

const password = 'lyceum-demo';
const slug = 'demo';

const people: readonly { name: string; email: string; roles: readonly Role[] }[] = [
  { name: 'Ada Okafor', email: 'admin@lyceum.example', roles: ['ADMIN'] },
  { name: 'Benoît Laurent', email: 'author@lyceum.example', roles: ['AUTHOR'] },
  { name: 'Chiyo Tanaka', email: 'instructor@lyceum.example', roles: ['INSTRUCTOR'] },
  { name: 'Dilnoza Karimova', email: 'learner@lyceum.example', roles: ['LEARNER'] },
];

/**
 * Data that the demo was tried out on has accounts whose passwords everybody knows. Their addresses are nobody's
 * (RFC 2606).
 *
 * @throws StartError
 */
export async function refuseDemoAccounts(store: Database): Promise<void> {
  for (const { email } of people) {
    if (!(await store.users.selectOptionalByEmail(email))) continue;
    throw new StartError(
      `The database holds the demo's account ${email}, whose password is public, and this is a production start ` +
        '(NODE_ENV=production). Begin with an empty database.',
    );
  }
}

/** The demo organisation with its four accounts and its xAPI key, unless it is there. Never in production (env.ts). */
export async function ensureDemoOrganisation(store: Database, events: IdentityEvents): Promise<void> {
  if (await store.organisations.selectOptionalBySlug(slug)) return;
  const passwordHash = await hashPassword(password);
  await store.transaction(async (tx) => {
    await tx.organisations.lock();
    if (await tx.organisations.selectOptionalBySlug(slug)) return;
    // The first organisation is the platform's; one that BOOTSTRAP_ variables made comes before the demo's.
    const isFirst = !(await tx.organisations.exists());
    const demo = { id: newId('org'), slug, name: 'Demo Academy', platform: isFirst };
    const organisation = await tx.organisations.insert(demo);
    await events.organisationCreated(tx, organisation);
    for (const { roles, ...person } of people) {
      const given: readonly Role[] = isFirst && roles.includes('ADMIN') ? [...roles, PLATFORM_ROLE] : roles;
      await registerPerson(tx, events, organisation.id, { ...person, roles: given, passwordHash });
    }
    const lrsKey = await tx.lrsKeys.insert({
      id: newId('lrskey'),
      organisationId: organisation.id,
      name: 'Demo',
      key: 'demo',
      secretHash: hashSecret(password),
      scopes: ['ALL'],
    });
    await events.lrsKeyCreated(tx, lrsKey);
    await recordAct(tx, organisationMade(organisation));
  });
}
