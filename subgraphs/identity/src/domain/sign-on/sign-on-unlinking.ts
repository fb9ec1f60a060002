import { conflict, heldPermissions, invalid, notFound, type Viewer } from '@lyceum/service';
import type { IdentityProvider } from '../../store/identity-providers.ts';
import type { Database, Store } from '../../store/store.ts';
import { actOn, recordAct } from '../audit.ts';
import type { Guesses } from '../guesses.ts';
import { heldNames } from '../held-names.ts';
import { requireAll, requireNow } from '../require-now.ts';
import { requirePassword } from '../require-password.ts';
import type { Sessions } from '../sessions.ts';
import { endOfProvider } from './provider-sessions.ts';

export interface UnlinkInput {
  readonly providerId: string;
  readonly userId?: string | null | undefined;
  readonly currentPassword?: string | null | undefined;
}

/** Who is not linked any more, and to what. */
export interface Unlinked {
  readonly userId: string;
  readonly provider: IdentityProvider;
}

export type SignOnUnlinking = ReturnType<typeof createSignOnUnlinking>;

const act = 'federated-identity.unlink';

/**
 * Taking a provider from an account: it logs in to it no more, and the sessions that it began end. Whoever takes it from
 * their own shows the password, as for every change of how one logs in; who has none keeps another way to log in.
 */
export function createSignOnUnlinking(options: { store: Database; guesses: Guesses; sessions: Sessions }) {
  const { store, sessions } = options;

  /** @throws INVALID, TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED */
  async function requireOwn(viewer: Viewer, password: string | null | undefined): Promise<void> {
    const known = await store.memberships.selectOptional(viewer.organisationId, viewer.userId);
    if (known?.passwordHash == null) return;
    if (password == null) throw invalid(['input', 'currentPassword'], 'Give the current password.');
    await requirePassword(options, viewer, password, act);
  }

  return {
    /** The providers that log in to the viewer's account, the oldest first. */
    async of({ organisationId, userId }: Viewer): Promise<IdentityProvider[]> {
      const linked = await store.federatedIdentities.selectManyOfUser(organisationId, userId);
      return linked.map(({ provider }) => provider);
    },

    /**
     * @throws NOT_FOUND, INVALID, TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED; CONFLICT where it is one's own last way to log in;
     *   FORBIDDEN of somebody who may do what the viewer may not
     */
    async remove(viewer: Viewer, input: UnlinkInput): Promise<Unlinked> {
      const { organisationId } = viewer;
      const userId = input.userId ?? viewer.userId;
      const isOwn = userId === viewer.userId;
      if (isOwn) await requireOwn(viewer, input.currentPassword);
      return store.transaction(async (tx) => {
        if (!isOwn) await requireMayUnlink(tx, viewer, userId);
        const key = { organisationId, providerId: input.providerId, userId };
        const provider = await tx.identityProviders.selectOptionalOf(organisationId, input.providerId);
        if (!provider) throw notLinked(input.providerId);
        await tx.memberships.lock(organisationId, userId);
        if ((await tx.federatedIdentities.delete(organisationId, key.providerId, userId)) === 0)
          throw notLinked(input.providerId);
        if (isOwn) await requireAnotherWay(tx, viewer);
        const count = await endOfProvider(tx, sessions, key);
        const changes = { provider: [provider.id, null], endedSessions: [null, count] } as const;
        await recordAct(tx, actOn(viewer, act, userId, changes));
        return { userId, provider };
      });
    },
  };
}

const notLinked = (id: string) => notFound('identity provider', id, ['input', 'providerId']);

/** @throws NOT_FOUND, FORBIDDEN */
async function requireMayUnlink(tx: Store, viewer: Viewer, userId: string): Promise<void> {
  const held = await requireNow(tx, viewer, 'identity-provider.unlink');
  const { organisationId } = viewer;
  const [member] = await tx.memberships.selectMany(organisationId, [userId]);
  if (!member) throw notFound('user', userId, ['input', 'userId']);
  const names = await heldNames(tx, { organisationId, userId }, member.roles);
  requireAll(held, heldPermissions(names).permissions);
}

/** @throws CONFLICT */
async function requireAnotherWay(tx: Store, { organisationId, userId }: Viewer): Promise<void> {
  const known = await tx.memberships.selectOptional(organisationId, userId);
  if (known?.passwordHash != null || (await tx.passkeys.count({ organisationId, userId })) > 0) return;
  const others = await tx.federatedIdentities.selectManyOfUser(organisationId, userId);
  if (others.some(({ provider }) => provider.enabled)) return;
  throw conflict('This is your only way to log in: set a password or a passkey up first.');
}
