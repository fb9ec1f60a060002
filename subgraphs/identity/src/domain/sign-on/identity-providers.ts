import type { ConnectionSource } from '@lyceum/graphql';
import { expanded, invalid, newId, notFound, PLATFORM_ROLE, type Role, type Viewer } from '@lyceum/service';
import type { IdentityProvider, RoleMapping } from '../../store/identity-providers.ts';
import type { Database, Store } from '../../store/store.ts';
import { actorOf, recordAct, type AuditEntry } from '../audit.ts';
import { checkedDomain, checkedName, checkedOptionalText } from '../checked-text.ts';
import type { Encryption } from '../encryption.ts';
import { requireDomainsFree } from '../organisation-domains.ts';
import { requireAll, requireNow } from '../require-now.ts';
import type { Sessions } from '../sessions.ts';
import { outwardFault, type OutwardRules } from './outward-fetch.ts';
import { mappingOf, rolesGivenBy } from './provider-roles.ts';
import { endOfProvider } from './provider-sessions.ts';

/** What may be changed of a provider; what is absent stays. */
export interface ProviderChange {
  readonly name?: string | null | undefined;
  readonly clientSecret?: string | null | undefined;
  readonly domains?: readonly string[] | null | undefined;
  readonly roleClaim?: string | null | undefined;
  readonly roleMapping?: readonly { readonly value: string; readonly role: Role }[] | null | undefined;
  readonly defaultRoles?: readonly Role[] | null | undefined;
  readonly enabled?: boolean | null | undefined;
}

export interface NewProvider extends ProviderChange {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export type IdentityProviders = ReturnType<typeof createIdentityProviders>;

/** Of which provider a sealed client secret is. */
export const secretContext = (providerId: string) => `identity-provider ${providerId}`;

const mostValues = 100;

/** The providers by which an organisation's people log in. */
export function createIdentityProviders(options: {
  store: Database;
  encryption: Encryption;
  sessions: Sessions;
  rules: OutwardRules;
}) {
  const { store, encryption, sessions, rules } = options;

  /** @throws NOT_FOUND */
  async function known(tx: Store, organisationId: string, id: string): Promise<IdentityProvider> {
    const provider = await tx.identityProviders.selectOptionalOf(organisationId, id);
    if (!provider) throw notFound('identity provider', id, ['input', 'id']);
    return provider;
  }

  function sealedSecret(id: string, secret: string): string {
    if (secret === '' || secret.length > 2_000)
      throw invalid(['input', 'clientSecret'], 'The secret must have 1 to 2,000 characters.');
    return encryption.seal(secret, secretContext(id));
  }

  /** A provider that logs nobody in any more, which is locked: who came in by it is out, too. Answers what that changed. */
  async function endedSessions(tx: Store, organisationId: string, providerId: string) {
    const count = await endOfProvider(tx, sessions, { organisationId, providerId });
    return count === 0 ? {} : { endedSessions: [null, count] as const };
  }

  return {
    listed: ({ organisationId }: Viewer): ConnectionSource<IdentityProvider> => ({
      rows: (page) => store.identityProviders.selectPage(organisationId, page),
      key: ({ id }) => [id],
      count: () => store.identityProviders.count(organisationId),
    }),

    /** Those by which anybody may begin to log in to an organisation; none where there is no such organisation. */
    async enabledOf(slug: string): Promise<IdentityProvider[]> {
      const organisation = await store.organisations.selectOptionalBySlug(slug);
      return organisation && !organisation.suspendedAt
        ? store.identityProviders.selectManyEnabled(organisation.id)
        : [];
    },

    /** @throws INVALID; FORBIDDEN where the provider could give what the viewer lacks */
    async create(viewer: Viewer, input: NewProvider): Promise<IdentityProvider> {
      const id = newId('idp');
      const { organisationId } = viewer;
      const row = {
        id,
        organisationId,
        issuer: checkedIssuer(input.issuer, rules),
        clientId: checkedLine('clientId', input.clientId),
        ...asDefault,
        ...checkedSettings(input),
        sealedClientSecret: sealedSecret(id, input.clientSecret),
      };
      return store.transaction(async (tx) => {
        const held = await requireNow(tx, viewer, 'identity-provider.create');
        requireAll(held, expanded(rolesGivenBy(row)));
        await requireDomainsFree(tx, organisationId, row.domains);
        const made = await tx.identityProviders.insert(row);
        const { issuer, clientId } = row;
        const changes = {
          issuer: [null, issuer],
          clientId: [null, clientId],
          ...changesTo(asNothing, row),
        } as const;
        await recordAct(tx, { ...actOn(viewer, 'identity-provider.create', id), changes });
        return made;
      });
    },

    /**
     * One that is disabled ends the sessions that it began.
     *
     * @throws INVALID, NOT_FOUND; FORBIDDEN where it could give, before or after, what the viewer lacks
     */
    async update(
      viewer: Viewer,
      { id, ...input }: ProviderChange & { id: string },
    ): Promise<IdentityProvider> {
      const change = checkedSettings(input);
      return store.transaction(async (tx) => {
        const held = await requireNow(tx, viewer, 'identity-provider.update');
        await tx.identityProviders.lock(viewer.organisationId, id);
        const before = await known(tx, viewer.organisationId, id);
        const settings = { ...settingsOf(before), ...change };
        requireAll(held, expanded([...rolesGivenBy(settingsOf(before)), ...rolesGivenBy(settings)]));
        await requireDomainsFree(tx, viewer.organisationId, change.domains ?? []);
        const sealedClientSecret =
          input.clientSecret == null ? before.sealedClientSecret : sealedSecret(id, input.clientSecret);
        const row = { ...settings, sealedClientSecret };
        const after = await tx.identityProviders.update(viewer.organisationId, id, row);
        const renewed = input.clientSecret == null ? {} : { clientSecret: ['…', '… (new)'] as const };
        const ended = settings.enabled ? {} : await endedSessions(tx, viewer.organisationId, id);
        const changes = { ...changesTo(settingsOf(before), settings), ...renewed, ...ended };
        await recordAct(tx, { ...actOn(viewer, 'identity-provider.update', id), changes });
        return after;
      });
    },

    /** Ends the sessions that it began, and whatever is under way by it. @throws NOT_FOUND */
    async delete(viewer: Viewer, id: string): Promise<string> {
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'identity-provider.delete');
        await tx.identityProviders.lock(viewer.organisationId, id);
        const { issuer, clientId } = await known(tx, viewer.organisationId, id);
        const ended = await endedSessions(tx, viewer.organisationId, id);
        await tx.identityProviders.delete(viewer.organisationId, id);
        const changes = { issuer: [issuer, null], clientId: [clientId, null], ...ended } as const;
        await recordAct(tx, { ...actOn(viewer, 'identity-provider.delete', id), changes });
        return id;
      });
    },
  };
}

interface Settings {
  readonly name: string;
  readonly domains: readonly string[];
  readonly roleClaim: string | null;
  readonly roleMapping: readonly RoleMapping[];
  readonly defaultRoles: readonly string[];
  readonly enabled: boolean;
}

const asDefault: Settings = {
  name: '',
  domains: [],
  roleClaim: null,
  roleMapping: [],
  defaultRoles: ['LEARNER'],
  enabled: true,
};
const asNothing: Partial<Settings> = {};

function settingsOf(provider: IdentityProvider): Settings {
  const { name, domains, roleClaim, defaultRoles, enabled } = provider;
  return { name, domains, roleClaim, roleMapping: mappingOf(provider), defaultRoles, enabled };
}

/** Those that were given. @throws INVALID */
function checkedSettings(input: ProviderChange): Partial<Settings> {
  const { name, domains, roleClaim, roleMapping, defaultRoles, enabled } = input;
  return {
    ...(name == null ? {} : { name: checkedName(['input', 'name'], name) }),
    ...(domains == null ? {} : { domains: checkedDomains(domains) }),
    ...(roleClaim === undefined ? {} : { roleClaim: checkedOptionalText(claimField, roleClaim, 200) }),
    ...(roleMapping == null ? {} : { roleMapping: checkedMapping(roleMapping) }),
    ...(defaultRoles == null ? {} : { defaultRoles: checkedDefaults(defaultRoles) }),
    ...(enabled == null ? {} : { enabled }),
  };
}

const claimField = ['input', 'roleClaim'];

function checkedDomains(domains: readonly string[]): string[] {
  const kept = [...new Set(domains.map((domain) => checkedDomain(['input', 'domains'], domain)))];
  if (kept.length > mostValues) throw invalid(['input', 'domains'], `At most ${mostValues} domains.`);
  return kept;
}

/** A provider says who somebody is; who stands above all organisations, it never says. */
function checkedMapping(mapping: readonly RoleMapping[]): RoleMapping[] {
  refusePlatformRole(
    'roleMapping',
    mapping.map(({ role }) => role),
  );
  if (mapping.length > mostValues) throw invalid(['input', 'roleMapping'], `At most ${mostValues} values.`);
  return mapping.map(({ value, role }) => ({ value: checkedLine('roleMapping', value), role }));
}

/** Nobody comes in without a role: a membership without one is of who was removed. */
function checkedDefaults(roles: readonly Role[]): Role[] {
  if (roles.length === 0) throw invalid(['input', 'defaultRoles'], 'Give at least one role.');
  refusePlatformRole('defaultRoles', roles);
  return [...new Set(roles)];
}

function refusePlatformRole(field: string, roles: readonly string[]): void {
  if (roles.includes(PLATFORM_ROLE))
    throw invalid(['input', field], `${PLATFORM_ROLE} is given by membershipUpdate alone.`);
}

function checkedLine(field: string, text: string): string {
  const kept = checkedOptionalText(['input', field], text, 500);
  if (kept === null) throw invalid(['input', field], 'It must not be empty.');
  return kept;
}

/** OpenID Connect Core 1.0, 2: a URL over TLS, without query and fragment. */
function checkedIssuer(issuer: string, rules: OutwardRules): string {
  const fault =
    outwardFault(issuer, rules) ?? (/[?#]/.test(issuer) ? 'must have no query and no fragment' : undefined);
  if (fault !== undefined || issuer.length > 500)
    throw invalid(['input', 'issuer'], `The issuer ${fault ?? 'is longer than 500 characters'}.`);
  return issuer;
}

function changesTo(before: Partial<Settings>, after: Partial<Settings>): NonNullable<AuditEntry['changes']> {
  const fields = ['name', 'domains', 'roleClaim', 'roleMapping', 'defaultRoles', 'enabled'] as const;
  const changed = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return Object.fromEntries(
    changed.map((field) => [field, [before[field] ?? null, after[field] ?? null] as const]),
  );
}

function actOn(viewer: Viewer, act: AuditEntry['act'], subjectId: string): AuditEntry {
  return { act, by: actorOf(viewer), organisationId: viewer.organisationId, subjectId };
}
