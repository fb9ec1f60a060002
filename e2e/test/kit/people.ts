import { graphqlClient, type GraphQLClient, type System } from '@lyceum/testing';

/** The password of the demo accounts, and the secret of the demo key. */
export const demoSecret = 'lyceum-demo';

export interface Person {
  readonly id: string;
  readonly token: string;
  /** Asks the gateway as this person; throws where the answer holds an error. */
  readonly ask: <Data>(query: string, variables?: Record<string, unknown>) => Promise<Data>;
}

interface LogIn {
  sessionCreate: {
    tokens: { accessToken: string } | null;
    userErrors: { message: string; code: string }[];
  };
}

/** Logs a demo account in through the gateway. */
export async function logIn(
  system: System,
  name: 'admin' | 'author' | 'instructor' | 'learner',
): Promise<Person> {
  const { sessionCreate } = await tryToLogIn(system, `${name}@lyceum.example`, demoSecret);
  const token = sessionCreate.tokens?.accessToken;
  if (token === undefined) throw new Error(sessionCreate.userErrors.map(({ message }) => message).join(', '));
  const ask = strict(graphqlClient(system.url('gateway'), token));
  const { viewer } = await ask<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
  return { id: viewer.user.id, token, ask };
}

export function tryToLogIn(system: System, email: string, password: string): Promise<LogIn> {
  return strict(graphqlClient(system.url('gateway')))<LogIn>(
    `mutation LogIn($input: SessionCreateInput!) {
      sessionCreate(input: $input) { tokens { accessToken } userErrors { message code } }
    }`,
    { input: { email, password } },
  );
}

function strict(client: GraphQLClient): Person['ask'] {
  return async <Data>(query: string, variables?: Record<string, unknown>) => {
    const { data, errors } = await client<Data>(query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
}
