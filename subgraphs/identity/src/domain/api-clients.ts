import type { ConnectionSource } from '@lyceum/graphql';
import {
  conflict,
  expanded,
  idPrefix,
  isSecret,
  newId,
  newSecret,
  notFound,
  type Viewer,
} from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { ApiClient } from '../store/api-clients.ts';
import type { Database, Store } from '../store/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import { actOn, recordAct, visitor } from './audit.ts';
import { checkedName } from './checked-text.ts';
import { checkedExpiry, checkedOverlap } from './expiry.ts';
import { checkedRights, heldByProgram } from './machine-rights.ts';
import { grantedScope, invalidClient, type Grant } from './oauth-grant.ts';
import { requireRoomFor } from './plan.ts';
import { permittedIn } from './platform-rights.ts';
import { requireAll, requireNow } from './require-now.ts';
import { hashSecret, secretMatches } from './secrets.ts';
import type { ThrottledRefusals } from './throttled-refusals.ts';

export interface NewApiClient {
  readonly name: string;
  /** Names of permissions or of roles. */
  readonly permissions: readonly string[];
  readonly expiresAt?: Date | null | undefined;
}

export type ApiClients = ReturnType<typeof createApiClients>;

/** Programs that act in an organisation in nobody's name (OAuth 2.0 client credentials, RFC 6749, 4.4). */
export function createApiClients(options: {
  store: Database;
  events: IdentityEvents;
  accessTokens: AccessTokens;
  refusals: ThrottledRefusals;
}) {
  const { store, events, accessTokens, refusals } = options;

  /** Counted of the client: whoever shows it has no name. */
  const refuse = (of: ApiClient) => refusals.record(refusedGrant(of), of.id);

  /** @throws NOT_FOUND */
  async function known(tx: Store, organisationId: string, id: string): Promise<ApiClient> {
    const [client] = await tx.apiClients.selectMany(organisationId, [id]);
    if (!client) throw notFound('API client', id, ['input', 'id']);
    return client;
  }

  return {
    listed: ({ organisationId }: Viewer): ConnectionSource<ApiClient> => ({
      rows: (page) => store.apiClients.selectPage(organisationId, page),
      key: ({ id }) => [id],
      count: () => store.apiClients.count(organisationId),
    }),

    /** @throws INVALID, PLAN_LIMIT; FORBIDDEN where the viewer gives what they lack */
    async create(viewer: Viewer, input: NewApiClient): Promise<{ apiClient: ApiClient; secret: string }> {
      const name = checkedName(['input', 'name'], input.name);
      const expiresAt = checkedExpiry(['input', 'expiresAt'], input.expiresAt);
      const secret = newSecret('lyc');
      const { organisationId } = viewer;
      const row = { id: newId('apiclient'), organisationId, name, expiresAt, secretHash: hashSecret(secret) };
      const apiClient = await store.transaction(async (tx) => {
        const own = await requireNow(tx, viewer, 'api-client.create');
        const permissions = checkedRights(['input', 'permissions'], input.permissions, own);
        await requireRoomFor(tx, organisationId, 'apiClients');
        const made = await tx.apiClients.insert({ ...row, permissions });
        const changes = {
          name: [null, name],
          permissions: [[], permissions],
          expiresAt: [null, expiresAt],
        } as const;
        await recordAct(tx, actOn(viewer, 'api-client.create', made.id, changes));
        return made;
      });
      return { apiClient, secret };
    },

    /**
     * Gives a client another secret; the one before works until the overlap ends, those before that end now.
     *
     * @throws INVALID, NOT_FOUND; FORBIDDEN where the viewer lacks what it may do; CONFLICT where it has ended
     */
    async rotate(
      viewer: Viewer,
      { id, overlapHours }: { id: string; overlapHours: number },
    ): Promise<{ apiClient: ApiClient; secret: string }> {
      const previousUntil = checkedOverlap(['input', 'overlapHours'], overlapHours);
      const secret = newSecret('lyc');
      const apiClient = await store.transaction(async (tx) => {
        const own = await requireNow(tx, viewer, 'api-client.rotate');
        const before = await known(tx, viewer.organisationId, id);
        // Whoever has the new secret has what the client may do.
        requireAll(own, expanded(before.permissions));
        if (before.expiresAt && before.expiresAt <= new Date()) throw conflict('The client has expired.');
        const changed = await tx.apiClients.updateSecret(before, { to: hashSecret(secret), previousUntil });
        if (changed === 0) throw conflict('The client has been ended, or somebody else was quicker.');
        const changes = { previousSecretUntil: [before.previousUntil, previousUntil] } as const;
        await recordAct(tx, actOn(viewer, 'api-client.rotate', id, changes));
        return { ...before, previousUntil };
      });
      return { apiClient, secret };
    },

    /** Ends a client, and what its access tokens open; ending it again changes nothing. @throws NOT_FOUND */
    async revoke(viewer: Viewer, id: string): Promise<ApiClient> {
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'api-client.revoke');
        const ended = await tx.apiClients.updateRevoked(viewer.organisationId, id, new Date());
        const apiClient = await known(tx, viewer.organisationId, id);
        if (ended > 0) {
          await events.apiClientRevoked(tx, apiClient, accessTokens.allOver());
          await recordAct(tx, actOn(viewer, 'api-client.revoke', id));
        }
        return apiClient;
      });
    },

    /**
     * An access token for a client that shows its secret.
     *
     * @param scope what of its permissions the token shall have, separated by spaces; absent: all
     * @throws OAuthError invalid_client, invalid_scope
     */
    async grant(clientId: string, secret: string, scope: string | undefined): Promise<Grant> {
      const now = new Date();
      const client =
        idPrefix(clientId) === 'apiclient' ? await store.apiClients.selectOptional(clientId) : null;
      const isCurrent = secretMatches(client?.secretHash ?? null, secret);
      const isPrevious = secretMatches(client?.previousSecretHash ?? null, secret);
      const opens = isCurrent || (isPrevious && (client?.previousUntil ?? now) > now);
      if (!client || !opens || !isSecret('lyc', secret) || hasEnded(client, now)) {
        if (client) await refuse(client);
        throw invalidClient();
      }
      const own = await permittedIn(store, client.organisationId, client.permissions);
      const granted = grantedScope(scope, own);
      await store.apiClients.updateLastUsed(client.organisationId, client.id, now);
      const { id, organisationId, expiresAt } = client;
      const of = {
        userId: id,
        sessionId: id,
        organisationId,
        notAfter: expiresAt,
        held: heldByProgram(granted),
      };
      return { ...(await accessTokens.sign(of)), scope: granted };
    },
  };
}

/** Whoever shows a wrong secret is not the client. */
const refusedGrant = ({ id, organisationId }: ApiClient) =>
  ({
    act: 'api-client.grant',
    by: visitor,
    organisationId,
    subjectId: id,
    refused: 'INVALID_CLIENT',
  }) as const;

function hasEnded({ revokedAt, expiresAt }: ApiClient, now: Date): boolean {
  return revokedAt !== null || (expiresAt !== null && expiresAt <= now);
}
