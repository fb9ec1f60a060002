import { PluginContextProvider } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect, useMemo, useState, type ReactElement } from 'react';
import { AccountPanel, useAccount } from './account-panel.tsx';
import type { Configuration } from './configuration.ts';
import type { Session } from './session.ts';
import { createTransport } from './transport.ts';

/** GraphiQL over this gateway, with the example operations in tabs and an account panel. */
export function Playground({
  configuration,
  session,
}: {
  configuration: Configuration;
  session: Session;
}): ReactElement {
  const { examples, demoAccounts } = configuration;
  const fetcher = useMemo(() => createTransport(session), [session]);
  const accountPlugin = useMemo(
    () => ({
      title: 'Account',
      icon: AccountIcon,
      content: () => <AccountPanel session={session} demoAccounts={demoAccounts} />,
    }),
    [session, demoAccounts],
  );
  const tabs = useMemo(() => examples.map(({ query, variables }) => ({ query, variables })), [examples]);
  const plugins = useMemo(() => [accountPlugin], [accountPlugin]);

  // GraphiQL decides in its first rendering whether the side panel is open, which is before it reads `visiblePlugin`:
  // the store of plugins, which is one for the page, must know it already.
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    setOpened(true);
  }, []);
  if (!opened) {
    return (
      <PluginContextProvider plugins={plugins} visiblePlugin={accountPlugin}>
        {null}
      </PluginContextProvider>
    );
  }

  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      visiblePlugin={accountPlugin}
      defaultTabs={tabs}
      {...variablesOfFirstTab(configuration)}
      defaultEditorToolsVisibility="variables"
    >
      <GraphiQL.Logo>
        <Brand session={session} />
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

/** GraphiQL fills the editor from the first tab, except for its variables; later it remembers what was there. */
function variablesOfFirstTab({ examples }: Configuration): { variables?: string } {
  const isFirstVisit = localStorage.getItem('graphiql:tabState') === null;
  return isFirstVisit && examples[0] ? { variables: examples[0].variables } : {};
}

function Brand({ session }: { session: Session }): ReactElement {
  const account = useAccount(session);
  return (
    <span className="brand">
      <a href="/">Lyceum</a>
      <span className="brand-account">{account ? account.name : 'visitor'}</span>
    </span>
  );
}

function AccountIcon(): ReactElement {
  return (
    <svg viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <circle cx="7" cy="4.25" r="3" />
      <path d="M1.5 13c.6-3 2.8-4.5 5.5-4.5s4.9 1.5 5.5 4.5" strokeLinecap="round" />
    </svg>
  );
}
