import type { Page } from '@lyceum/graphql';
import type { PersonalAccessToken } from './generated/client.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { PersonalAccessToken };

/** Whose they are, and in which organisation. */
interface Owner {
  readonly organisationId: string;
  readonly userId: string;
}

export function personalAccessTokenStore(db: Connection) {
  return {
    /** The token of whoever shows its secret: it names the organisation. */
    selectOptionalBySecret: (secretHash: string) =>
      db.personalAccessToken.findUnique({ where: { secretHash } }),

    selectOptionalOfUser: ({ organisationId, userId }: Owner, id: string) =>
      db.personalAccessToken.findFirst({ where: { organisationId, userId, id } }),

    /** Unless it has ended. */
    selectOptionalActive: (organisationId: string, id: string, now: Date) =>
      db.personalAccessToken.findFirst({
        where: { organisationId, id, revokedAt: null, expiresAt: { gt: now } },
      }),

    /** One page of a person's tokens in an organisation, in the order in which they were made. */
    selectPageOfUser: ({ organisationId, userId }: Owner, page: Page) =>
      db.personalAccessToken.findMany({
        where: { organisationId, userId, id: placeOf(page) },
        orderBy: { id: page.backward ? 'desc' : 'asc' },
        take: page.limit,
      }),

    countOfUser: ({ organisationId, userId }: Owner) =>
      db.personalAccessToken.count({ where: { organisationId, userId } }),

    insert: (token: {
      id: string;
      organisationId: string;
      userId: string;
      name: string;
      secretHash: string;
      permissions: readonly string[];
      expiresAt: Date;
    }) => db.personalAccessToken.create({ data: { ...token, permissions: [...token.permissions] } }),

    /** Once a minute at most. */
    updateLastUsed: (organisationId: string, id: string, at: Date) => db.$executeRaw`
      UPDATE personal_access_token SET last_used_at = ${at}::timestamptz
      WHERE organisation_id = ${organisationId} AND id = ${id}
        AND (last_used_at IS NULL OR last_used_at < ${at}::timestamptz - interval '1 minute')`,

    /** Ends one of a person's tokens in an organisation, or all. Answers those that it ended. */
    updateRevoked: ({ organisationId, userId }: Owner, revokedAt: Date, id?: string) =>
      db.personalAccessToken.updateManyAndReturn({
        where: { organisationId, userId, revokedAt: null, ...(id === undefined ? {} : { id }) },
        data: { revokedAt },
      }),
  };
}
