import { invalid, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import { mailLanguage } from '../mails/render-template.ts';
import type { Organisation } from '../store/organisations.ts';
import type { Database, Store } from '../store/store.ts';
import type { AccountLinks } from './account-links.ts';
import { mayBeMailed, writeMail } from './account-mails.ts';
import { issueToken, readToken, spendToken } from './account-tokens.ts';
import { actorOf, recordAct, visitor } from './audit.ts';
import { checkedDomain, checkedEmail, checkedName } from './checked-text.ts';
import { inEqualTime } from './equal-time.ts';
import { credentialsRefused, registrationRefused, tokenRefused } from './errors.ts';
import { countMailRequest } from './mail-limits.ts';
import { isOfAnother, requireDomainsFree } from './organisation-domains.ts';
import { checkedPassword, hashPassword, passwordMatches } from './passwords.ts';
import { registerPerson } from './register-person.ts';
import { requireNow } from './require-now.ts';
import { requirePasswordLength } from './settings/password-length.ts';

export type RegistrationMode = 'OPEN' | 'BY_DOMAIN' | 'BY_INVITATION' | 'CLOSED';

export interface NewRegistration {
  readonly organisation: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly locale?: string | null | undefined;
}

export interface RegistrationSettings {
  readonly mode: RegistrationMode;
  readonly domains: readonly string[];
}

/** Who came in, and where. */
export interface Joined {
  readonly organisation: string;
  readonly email: string;
}

interface Applicant {
  readonly name: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly locale: string;
}

const HOURS = 24;
const settingsAct = 'organisation.registration.update';

export type Registration = ReturnType<typeof createRegistration>;

/**
 * Coming into an organisation by oneself. Nobody is in before they used the link that was mailed to the address, with the
 * password that they registered with. So who registers with somebody else's address gains nothing, not even where its
 * owner opens the link; and who owns the address gains nothing by the registration of another.
 */
export function createRegistration(options: {
  store: Database;
  events: IdentityEvents;
  links: AccountLinks;
}) {
  const { store, events, links } = options;

  /** The mail to an address that is new to the organisation, or the note to one that is not: the same work. */
  async function answer(tx: Store, organisation: Organisation, applicant: Applicant): Promise<void> {
    const { email, locale, name, passwordHash } = applicant;
    const known = await isKnown(tx, organisation.id, email);
    const template = known ? 'accountExists' : 'verifyAddress';
    if (!(await mayBeMailed(tx, email, template))) return;
    const pending = { purpose: 'REGISTRATION', organisationId: organisation.id, email, locale } as const;
    const spentAt = known ? new Date() : null;
    const { token, expiresAt } = await issueToken(tx, { ...pending, name, passwordHash, spentAt }, HOURS);
    const url = known ? links.to('log-in') : links.withToken('verify', token);
    const sender = organisation.name;
    const envelope = { recipient: email, locale, sender, deliverUntil: expiresAt };
    await writeMail(tx, template, { organisation: sender, url }, envelope);
  }

  async function register(input: NewRegistration): Promise<string> {
    const email = checkedEmail(['input', 'email'], input.email);
    const name = checkedName(['input', 'name'], input.name);
    await countMailRequest(store, input.organisation);
    const passwordHash = await hashPassword(checkedPassword(['input', 'password'], input.password));
    const applicant = { email, name, passwordHash, locale: mailLanguage(input.locale) };
    const organisation = await store.organisations.selectOptionalBySlug(input.organisation);
    if (!organisation || !(await admits(store, organisation, email))) throw registrationRefused();
    await requirePasswordLength(store, organisation.id, ['input', 'password'], input.password);
    await store.transaction((tx) => answer(tx, organisation, applicant));
    return email;
  }

  return {
    /** Answers the address; the same, and in the same time, whether or not it has an account. @throws INVALID, TOO_MANY_ATTEMPTS, REGISTRATION_REFUSED */
    register: (input: NewRegistration): Promise<string> => inEqualTime(() => register(input)),

    /**
     * Takes in whom the link was mailed to, if it was they who registered.
     *
     * @throws TOKEN_REFUSED, CREDENTIALS_REFUSED, REGISTRATION_REFUSED, PLAN_LIMIT
     */
    async verify({ token, password }: { token: string; password: string }): Promise<Joined> {
      const pending = await readToken(store, token, 'REGISTRATION');
      const { organisationId, email, name, passwordHash } = pending;
      const act = { act: 'user.register', by: visitor, organisationId } as const;
      if (name === null || !(await passwordMatches(passwordHash, password))) {
        await recordAct(store, { ...act, subjectId: null, refused: 'CREDENTIALS_REFUSED' });
        throw credentialsRefused();
      }
      return store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        await spendToken(tx, pending);
        const [organisation] = await tx.organisations.selectMany([organisationId]);
        if (!organisation || !(await admits(tx, organisation, email))) throw registrationRefused();
        const person = { name, email, passwordHash, roles: ['LEARNER'] } as const;
        const member = await registerPerson(tx, events, organisationId, person);
        if (!member) throw tokenRefused();
        // Others may have registered with the same address: theirs is over.
        await tx.accountTokens.updateManySpent({ purpose: 'REGISTRATION', organisationId, email });
        const changes = { email: [null, email], roles: [[], member.roles] } as const;
        await recordAct(tx, { ...act, subjectId: member.id, changes });
        return { organisation: organisation.slug, email };
      });
    },

    /** Says whom the organisation takes in. @throws INVALID, FORBIDDEN */
    async updateSettings(viewer: Viewer, { mode, domains }: RegistrationSettings): Promise<Organisation> {
      const kept = [...new Set(domains.map((domain) => checkedDomain(['input', 'domains'], domain)))];
      if (kept.length > 100) throw invalid(['input', 'domains'], 'At most 100 domains.');
      if (mode === 'BY_DOMAIN' && kept.length === 0) {
        throw invalid(['input', 'domains'], 'Give at least one domain.');
      }
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, settingsAct);
        await requireDomainsFree(tx, organisationId, kept);
        const [before] = await tx.organisations.selectMany([organisationId]);
        const organisation = await tx.organisations.updateRegistration(organisationId, mode, kept);
        const changes = {
          mode: [before?.registration, mode],
          domains: [before?.registrationDomains, kept],
        } as const;
        const by = actorOf(viewer);
        await recordAct(tx, { act: settingsAct, by, organisationId, subjectId: organisationId, changes });
        return organisation;
      });
    },
  };
}

/** Whoever was removed is known too: an administrator took them out, and takes them back. */
async function isKnown(tx: Store, organisationId: string, email: string): Promise<boolean> {
  const account = await tx.users.selectOptionalByEmail(email);
  return (await tx.memberships.selectOptional(organisationId, account?.id ?? '')) !== null;
}

async function admits(tx: Store, organisation: Organisation, email: string): Promise<boolean> {
  const { id, registration, registrationDomains, suspendedAt } = organisation;
  if (suspendedAt) return false;
  if (registration === 'OPEN') return true;
  const domain = email.slice(email.lastIndexOf('@') + 1);
  if (registration !== 'BY_DOMAIN' || !registrationDomains.includes(domain)) return false;
  return !(await isOfAnother(tx, id, email));
}
