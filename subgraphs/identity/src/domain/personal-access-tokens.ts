import type { ConnectionSource } from '@lyceum/graphql';
import {
  conflict,
  heldPermissions,
  invalid,
  isSecret,
  newId,
  newSecret,
  notFound,
  type Viewer,
} from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { PersonalAccessToken } from '../store/personal-access-tokens.ts';
import type { Database, Store } from '../store/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import { tellOfChange } from './account-notices.ts';
import { actOn, recordAct, visitor } from './audit.ts';
import { checkedName } from './checked-text.ts';
import { dayMs } from './durations.ts';
import { checkedExpiry } from './expiry.ts';
import { heldNames } from './held-names.ts';
import { checkedRights, heldByProgram, ofOwn } from './machine-rights.ts';
import { grantedScope, OAuthError, type Grant } from './oauth-grant.ts';
import { requireNow } from './require-now.ts';
import { settingsNow } from './settings/organisation-settings.ts';
import { hashSecret } from './secrets.ts';
import type { ThrottledRefusals } from './throttled-refusals.ts';

export interface NewPersonalAccessToken {
  readonly name: string;
  /** Names of permissions or of roles. */
  readonly permissions: readonly string[];
  readonly expiresAt: Date;
}

type Person = Pick<Viewer, 'organisationId' | 'userId'>;

const longestDays = 366;

export type PersonalAccessTokens = ReturnType<typeof createPersonalAccessTokens>;

/**
 * With which a program of a person's acts in their name. It is exchanged for a short access token (RFC 8693), which is
 * what services accept; it never allows more than its owner may at that moment.
 */
export function createPersonalAccessTokens(options: {
  store: Database;
  events: IdentityEvents;
  accessTokens: AccessTokens;
  refusals: ThrottledRefusals;
}) {
  const { store, events, accessTokens, refusals } = options;

  /** Counted of the token: whoever shows it has no name. */
  const refuse = (of: PersonalAccessToken) => refusals.record(refusedExchange(of), of.id);

  return {
    listed: (viewer: Viewer): ConnectionSource<PersonalAccessToken> => ({
      rows: (page) => store.personalAccessTokens.selectPageOfUser(viewer, page),
      key: ({ id }) => [id],
      count: () => store.personalAccessTokens.countOfUser(viewer),
    }),

    /** @throws INVALID; FORBIDDEN where the viewer gives what they lack; CONFLICT where the organisation has none */
    async create(
      viewer: Viewer,
      input: NewPersonalAccessToken,
    ): Promise<{ personalAccessToken: PersonalAccessToken; secret: string }> {
      const name = checkedName(['input', 'name'], input.name);
      const expiresAt = checkedTerm(input.expiresAt);
      const secret = newSecret('lyp');
      const { organisationId, userId } = viewer;
      const row = {
        id: newId('pat'),
        organisationId,
        userId,
        name,
        expiresAt,
        secretHash: hashSecret(secret),
      };
      const personalAccessToken = await store.transaction(async (tx) => {
        const own = await requireNow(tx, viewer, 'personal-access-token.create.own');
        if (!(await allowedIn(tx, organisationId))) throw notAllowedHere();
        const permissions = checkedRights(['input', 'permissions'], input.permissions, own);
        const made = await tx.personalAccessTokens.insert({ ...row, permissions });
        const changes = {
          name: [null, name],
          permissions: [[], permissions],
          expiresAt: [null, expiresAt],
        } as const;
        await tellOfChange(tx, viewer, 'personal-access-token.create');
        await recordAct(tx, actOn(viewer, 'personal-access-token.create', made.id, changes));
        return made;
      });
      return { personalAccessToken, secret };
    },

    /** Ends one of the viewer's own; ending it again changes nothing. @throws NOT_FOUND */
    async revoke(viewer: Viewer, id: string): Promise<PersonalAccessToken> {
      return store.transaction(async (tx) => {
        const ended = await tx.personalAccessTokens.updateRevoked(viewer, new Date(), id);
        const token = await tx.personalAccessTokens.selectOptionalOfUser(viewer, id);
        if (!token) throw notFound('personal access token', id, ['input', 'id']);
        await events.personalAccessTokensRevoked(tx, ended, accessTokens.allOver());
        if (ended.length > 0) {
          await tellOfChange(tx, viewer, 'personal-access-token.revoke');
          await recordAct(tx, actOn(viewer, 'personal-access-token.revoke', id));
        }
        return token;
      });
    },

    /** Ends all of a person's in an organisation, as part of what `tx` does. */
    async revokeAll(tx: Store, person: Person): Promise<void> {
      const ended = await tx.personalAccessTokens.updateRevoked(person, new Date());
      await events.personalAccessTokensRevoked(tx, ended, accessTokens.allOver());
    },

    /**
     * An access token in the name of the owner, with what of the token's permissions the owner has now.
     *
     * @throws OAuthError invalid_request, invalid_scope
     */
    async exchange(secret: string, scope: string | undefined): Promise<Grant> {
      const now = new Date();
      const token = isSecret('lyp', secret)
        ? await store.personalAccessTokens.selectOptionalBySecret(hashSecret(secret))
        : null;
      if (!token || token.revokedAt || token.expiresAt <= now) {
        if (token) await refuse(token);
        throw invalidToken();
      }
      const { id, organisationId, userId, expiresAt } = token;
      const owner = await store.memberships.selectOptionalOpen(organisationId, userId);
      const own = heldPermissions(await heldNames(store, token, owner?.roles ?? []));
      const rights = ofOwn(own.permissions, token.permissions);
      if (rights.length === 0 || !(await allowedIn(store, organisationId))) {
        await refuse(token);
        throw invalidToken();
      }
      const granted = grantedScope(scope, rights);
      await store.personalAccessTokens.updateLastUsed(organisationId, id, now);
      const of = { userId, sessionId: id, organisationId, notAfter: expiresAt, held: heldByProgram(granted) };
      return { ...(await accessTokens.sign(of)), scope: granted };
    },
  };
}

/** An organisation that wants none has those end that were made before. */
const allowedIn = async (store: Store, organisationId: string): Promise<boolean> =>
  (await settingsNow(store, organisationId)).personalAccessTokens;

const notAllowedHere = () => conflict('The organisation allows no personal access tokens.');

/** Of one that has ended, or whose owner may do nothing any more: whoever shows it is perhaps not the owner. */
const refusedExchange = ({ id, organisationId }: PersonalAccessToken) =>
  ({
    act: 'personal-access-token.exchange',
    by: visitor,
    organisationId,
    subjectId: id,
    refused: 'INVALID_TOKEN',
  }) as const;

/** RFC 8693, 2.2.2. */
const invalidToken = () =>
  new OAuthError('invalid_request', 'The personal access token is unknown, or has ended.');

/** @throws INVALID */
function checkedTerm(wanted: Date): Date {
  const field = ['input', 'expiresAt'];
  const expiresAt = checkedExpiry(field, wanted) ?? wanted;
  if (expiresAt.getTime() > Date.now() + longestDays * dayMs)
    throw invalid(field, 'It may last a year at most.');
  return expiresAt;
}
