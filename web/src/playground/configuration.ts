/** An operation that is opened in a tab. */
export interface Example {
  readonly title: string;
  readonly query: string;
  readonly variables: string;
}

export interface DemoAccount {
  readonly label: string;
  readonly email: string;
  readonly password: string;
}

/** What the gateway says at /graphql/playground.json. */
export interface Configuration {
  readonly examples: readonly Example[];
  /** Empty unless demo data is loaded. */
  readonly demoAccounts: readonly DemoAccount[];
}

export async function loadConfiguration(): Promise<Configuration> {
  const response = await fetch('/graphql/playground.json');
  if (!response.ok) throw new Error(`/graphql/playground.json: ${response.status}`);
  return (await response.json()) as Configuration;
}
