import type { Page } from '@lyceum/graphql';
import type { IdentityProvider, Prisma } from './generated/client.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { IdentityProvider };

export interface RoleMapping {
  readonly value: string;
  readonly role: string;
}

/** What an administrator changes of a provider. */
export interface ProviderSettings {
  readonly name: string;
  readonly sealedClientSecret: string;
  readonly domains: readonly string[];
  readonly roleClaim: string | null;
  readonly roleMapping: readonly RoleMapping[];
  readonly defaultRoles: readonly string[];
  readonly enabled: boolean;
}

export type NewIdentityProvider = ProviderSettings &
  Pick<IdentityProvider, 'id' | 'organisationId' | 'issuer' | 'clientId'>;

export function identityProviderStore(db: Connection) {
  return {
    /** The provider of whoever begins to log in by it: it names the organisation. */
    selectOptional: (id: string) => db.identityProvider.findUnique({ where: { id } }),

    selectOptionalOf: (organisationId: string, id: string) =>
      db.identityProvider.findFirst({ where: { organisationId, id } }),

    /** Whether a provider is there and enabled, which it stays until the transaction ends. */
    lockSharedEnabled: async (organisationId: string, id: string): Promise<boolean> => {
      const rows = await db.$queryRaw<object[]>`
        SELECT 1 FROM identity_provider
        WHERE organisation_id = ${organisationId} AND id = ${id} AND enabled FOR SHARE`;
      return rows.length > 0;
    },

    /** Holds a provider against logins that it would complete, until the transaction ends. */
    lock: (organisationId: string, id: string) =>
      db.$queryRaw`
        SELECT 1 FROM identity_provider WHERE organisation_id = ${organisationId} AND id = ${id} FOR UPDATE`,

    selectManyEnabled: (organisationId: string) =>
      db.identityProvider.findMany({ where: { organisationId, enabled: true }, orderBy: { id: 'asc' } }),

    /** One page of an organisation's providers, in the order in which they were added. */
    selectPage: (organisationId: string, page: Page) =>
      db.identityProvider.findMany({
        where: { organisationId, id: placeOf(page) },
        orderBy: { id: page.backward ? 'desc' : 'asc' },
        take: page.limit,
      }),

    count: (organisationId: string) => db.identityProvider.count({ where: { organisationId } }),

    insert: (provider: NewIdentityProvider) => db.identityProvider.create({ data: columnsOf(provider) }),

    update: (organisationId: string, id: string, settings: ProviderSettings) =>
      db.identityProvider.update({ where: { organisationId, id }, data: columnsOf(settings) }),

    delete: (organisationId: string, id: string) =>
      db.identityProvider.deleteMany({ where: { organisationId, id } }),
  };
}

function columnsOf<T extends ProviderSettings>(settings: T) {
  return {
    ...settings,
    domains: [...settings.domains],
    roleMapping: [...settings.roleMapping] as unknown as Prisma.InputJsonValue,
    defaultRoles: [...settings.defaultRoles],
  };
}
