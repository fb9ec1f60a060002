import { conflict, invalid, notFound, type Viewer } from '@lyceum/service';
import type { IdentityProvider } from '../../store/identity-providers.ts';
import type { Database } from '../../store/store.ts';
import { actorOf, recordAct } from '../audit.ts';
import { codeRefused } from '../errors.ts';
import type { Guesses } from '../guesses.ts';
import { requirePassword } from '../require-password.ts';
import { hashSecret } from '../secrets.ts';
import { issueCode } from './sign-ons.ts';

export type SignOnLinks = ReturnType<typeof createSignOnLinks>;

const act = 'federated-identity.link';
const lastsMs = 600_000;

/**
 * Adding a provider to one's account. Whoever does proves both: that they are who the account is, as they begin (with the
 * password, as for every other way to log in) and as they end; and that they are who the provider says, by the code that
 * only their browser was given. A start URL that is passed on to somebody else links nobody: the other one is not logged
 * in to the account of who began.
 */
export function createSignOnLinks(options: { store: Database; guesses: Guesses; startUrl: StartUrl }) {
  const { store, guesses, startUrl } = options;
  return {
    /** @throws NOT_FOUND, INVALID, TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED */
    async begin(
      viewer: Viewer,
      input: { providerId: string; returnTo: string; currentPassword: string },
    ): Promise<string> {
      const { organisationId, userId } = viewer;
      const { providerId, returnTo } = input;
      const provider = await store.identityProviders.selectOptionalOf(organisationId, providerId);
      if (!provider?.enabled) throw notFound('identity provider', providerId, ['input', 'providerId']);
      const [organisation] = await store.organisations.selectMany([organisationId]);
      if (!organisation?.signOnReturns.includes(returnTo))
        throw invalid(['input', 'returnTo'], 'This is none of the return addresses of the organisation.');
      await requirePassword({ store, guesses }, viewer, input.currentPassword, act);
      const token = await issueCode(store, 'LINK_BEGIN', provider, { userId, returnTo, lastsMs });
      return `${startUrl(provider)}?link=${token}`;
    },

    /** @throws TOKEN_REFUSED; CONFLICT where either is somebody else's already */
    finish: (viewer: Viewer, code: string): Promise<IdentityProvider> =>
      store.transaction(async (tx) => {
        const { organisationId, userId } = viewer;
        const used = await tx.signOns.deleteCodeReturning(hashSecret(code), 'LINK');
        const isTheirs = used?.organisationId === organisationId && used.userId === userId;
        if (!isTheirs || used.subject === null) throw codeRefused();
        const { providerId, subject } = used;
        const provider = await tx.identityProviders.selectOptionalOf(organisationId, providerId);
        if (!provider?.enabled) throw codeRefused();
        const linked = await tx.federatedIdentities.insertOptional({
          organisationId,
          providerId,
          subject,
          userId,
        });
        if (!linked) throw conflict('The account, or who you are to the provider, is linked already.');
        const changes = { provider: [null, providerId] } as const;
        await recordAct(tx, { act, by: actorOf(viewer), organisationId, subjectId: userId, changes });
        return provider;
      }),
  };
}

/** Where a browser begins. */
export type StartUrl = (provider: Pick<IdentityProvider, 'id'>) => string;
