import type { GraphQLClient } from '@lyceum/testing';
import { sql } from './sql.ts';

/** What people do on the pages to which mails lead. */

export interface Told {
  userErrors: { field: string[] | null; code: string; message: string }[];
}

async function tell<T extends object>(
  client: GraphQLClient,
  mutation: string,
  fields: string,
  input: object,
): Promise<T & Told> {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!`;
  const { data, errors } = await client<Record<string, T & Told>>(
    `mutation ($input: ${type}) { ${mutation}(input: $input) { ${fields} userErrors { field code message } } }`,
    { input },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data[mutation]!;
}

export interface Applicant {
  organisation: string;
  name: string;
  email: string;
  password: string;
  locale?: string;
}

export const register = (client: GraphQLClient, input: Applicant) =>
  tell<{ email: string | null }>(client, 'userRegister', 'email', input);

export interface Joined {
  organisation: string | null;
  email: string | null;
}

export const verify = (client: GraphQLClient, token: string, password: string) =>
  tell<Joined>(client, 'emailVerify', 'organisation email', { token, password });

export const setRegistration = (client: GraphQLClient, mode: string, domains: string[] = []) =>
  tell<{ organisation: { registration: string; registrationDomains: string[] } | null }>(
    client,
    'registrationUpdate',
    'organisation { registration registrationDomains }',
    { mode, domains },
  );

export const requestReset = (
  client: GraphQLClient,
  input: { email: string; organisation?: string; locale?: string },
) => tell<{ email: string | null }>(client, 'passwordResetRequest', 'email', input);

export const reset = (client: GraphQLClient, token: string, newPassword: string) =>
  tell<{ organisation: string | null }>(client, 'passwordReset', 'organisation', { token, newPassword });

export interface Invitation {
  id: string;
  email: string;
  roles: string[];
  state: string;
}

const invitationFields = 'invitation { id email roles state }';

export const invite = (client: GraphQLClient, input: { email: string; roles?: string[]; locale?: string }) =>
  tell<{ invitation: Invitation | null }>(client, 'invitationCreate', invitationFields, input);

export const resend = (client: GraphQLClient, id: string) =>
  tell<{ invitation: Invitation | null }>(client, 'invitationResend', invitationFields, { id });

export const revoke = (client: GraphQLClient, id: string) =>
  tell<{ invitation: Invitation | null }>(client, 'invitationRevoke', invitationFields, { id });

export const accept = (client: GraphQLClient, token: string, name: string, password: string) =>
  tell<Joined>(client, 'invitationAccept', 'organisation email', { token, name, password });

export const askForAddress = (client: GraphQLClient, newEmail: string, currentPassword: string) =>
  tell<{ email: string | null }>(client, 'emailChangeRequest', 'email', { newEmail, currentPassword });

export const confirmAddress = (client: GraphQLClient, token: string) =>
  tell<{ changed: boolean | null }>(client, 'emailChangeConfirm', 'changed', { token });

/** As if the links to an address had been made long ago. */
export const letLinksExpire = (databaseUrl: string, email: string) =>
  sql(databaseUrl, 'UPDATE account_token SET expires_at = now() WHERE email = $1', [email]);

export const codesOf = ({ userErrors }: Told): string[] => userErrors.map(({ code }) => code);
