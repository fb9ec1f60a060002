import type { Database } from '../../store/store.ts';
import { codeRefused } from '../errors.ts';
import type { LoginChallenges } from '../login-challenges.ts';
import type { LoginMethod } from '../login-methods.ts';
import type { Login } from '../logins.ts';
import { hashSecret } from '../secrets.ts';
import type { Sessions } from '../sessions.ts';

export type SignOnLogins = ReturnType<typeof createSignOnLogins>;

/** Logging in with the code that a browser came back with from a provider. */
export function createSignOnLogins(options: {
  store: Database;
  sessions: Sessions;
  challenges: LoginChallenges;
}) {
  const { store, sessions, challenges } = options;
  return {
    /**
     * Tokens, or the second factor that the person has or the organisation requires, unless the provider asked for one.
     *
     * @throws TOKEN_REFUSED
     */
    withCode: (code: string): Promise<Login> =>
      store.transaction(async (tx) => {
        const used = await tx.signOns.deleteCodeReturning(hashSecret(code), 'LOGIN');
        if (!used) throw codeRefused();
        const { organisationId, userId, providerId } = used;
        const isEnabled = await tx.identityProviders.lockSharedEnabled(organisationId, providerId);
        const known = await tx.memberships.lockShared(organisationId, userId);
        const [organisation] = await tx.organisations.selectMany([organisationId]);
        if (!isEnabled || !organisation || !known) throw codeRefused();
        const person = { organisationId, userId };
        const methods = used.methods as LoginMethod[];
        if (methods.includes('mfa')) return { tokens: await sessions.open(tx, person, known, methods, used) };
        const { secondFactorRequired } = organisation;
        const membership = { ...person, passwordHash: known.passwordHash, secondFactorRequired };
        const challenge = await challenges.begin(tx, membership, methods, { source: used });
        return challenge ? { challenge } : { tokens: await sessions.open(tx, person, known, methods, used) };
      }),
  };
}
