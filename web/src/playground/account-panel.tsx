import { useState, useSyncExternalStore, type ReactElement, type SubmitEvent } from 'react';
import type { DemoAccount } from './configuration.ts';
import type { Account } from './identity.ts';
import type { Session } from './session.ts';

/** The account of a session, kept up to date. */
export function useAccount(session: Session): Account | undefined {
  return useSyncExternalStore(session.onChange, session.account);
}

/** The side panel in which one logs in and out. */
export function AccountPanel({
  session,
  demoAccounts,
}: {
  session: Session;
  demoAccounts: readonly DemoAccount[];
}): ReactElement {
  const account = useAccount(session);
  return (
    <section className="account-panel" aria-labelledby="account-title">
      <h2 id="account-title">Account</h2>
      {account ? (
        <LoggedIn account={account} session={session} />
      ) : (
        <LogInForm session={session} demoAccounts={demoAccounts} />
      )}
    </section>
  );
}

function LoggedIn({ account, session }: { account: Account; session: Session }): ReactElement {
  return (
    <>
      <p>
        Logged in as <strong>{account.name}</strong>
        <span className="account-roles">{account.roles.join(', ').toLowerCase()}</span>
      </p>
      <p>The access token goes with every query and subscription, and is renewed before it ends.</p>
      <button
        type="button"
        className="account-button"
        onClick={() => {
          session.logOut();
        }}
      >
        Log out
      </button>
    </>
  );
}

function LogInForm({
  session,
  demoAccounts,
}: {
  session: Session;
  demoAccounts: readonly DemoAccount[];
}): ReactElement {
  const [email, setEmail] = useState(demoAccounts[0]?.email ?? '');
  const [password, setPassword] = useState(demoAccounts[0]?.password ?? '');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);

  async function logIn(as: { email: string; password: string }) {
    setBusy(true);
    setFault('');
    try {
      await session.logIn(as.email, as.password);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    void logIn({ email, password });
  }

  return (
    <form onSubmit={submit}>
      {demoAccounts.length > 0 && (
        <fieldset className="demo-accounts" disabled={busy}>
          <legend>Demo accounts, one click each</legend>
          {demoAccounts.map((demo) => (
            <button key={demo.email} type="button" onClick={() => void logIn(demo)}>
              {demo.label}
            </button>
          ))}
        </fieldset>
      )}
      <label>
        E-mail
        <input
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => {
            setEmail(event.target.value);
          }}
        />
      </label>
      <label>
        Password
        <input
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => {
            setPassword(event.target.value);
          }}
        />
      </label>
      <button type="submit" className="account-button" disabled={busy}>
        {busy ? 'Logging in…' : 'Log in'}
      </button>
      <p role="alert" className="account-fault">
        {fault}
      </p>
    </form>
  );
}
