import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { createBrowser, type Browser } from './browser.ts';
import type { RunningIdentity, Tokens } from './identity.ts';
import type { Challenge, Refusal } from './second-factor.ts';

// Single sign-on, as administrators, frontends and browsers do it.

/** What browsers see in the place of the gateway, which hands `/sso/` on to identity as it is. */
export const publicUrl = 'http://localhost:4000';
export const redirectUri = `${publicUrl}/sso/callback`;
export const returnTo = 'https://app.example.org/signed-on?from=lyceum';

export const browserOf = ({ url }: Pick<RunningIdentity, 'url'>): Browser =>
  createBrowser((text) => text.replace(publicUrl, url));

export async function createProvider(admin: GraphQLClient, input: object) {
  const { data, errors } = await admin<{
    identityProviderCreate: { identityProvider: { id: string } | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: IdentityProviderCreateInput!) {
      identityProviderCreate(input: $input) {
        identityProvider { id name issuer clientId domains roleClaim roleMapping { value role } defaultRoles enabled redirectUri }
        userErrors { field code }
      }
    }`,
    { input: { name: 'The school', clientId: 'lyceum', clientSecret: 'a secret', ...input } },
  );
  return { ...(data as typeof data | null)?.identityProviderCreate, errors };
}

/** Its id. */
export async function newProvider(admin: GraphQLClient, input: object): Promise<string> {
  const { identityProvider, userErrors, errors } = await createProvider(admin, input);
  if (!identityProvider) throw new Error(JSON.stringify(userErrors ?? errors));
  return identityProvider.id;
}

export async function updateProvider(admin: GraphQLClient, input: Record<string, unknown> & { id: string }) {
  const { data, errors } = await admin<{
    identityProviderUpdate: { identityProvider: { enabled: boolean } | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: IdentityProviderUpdateInput!) {
      identityProviderUpdate(input: $input) { identityProvider { id enabled domains } userErrors { field code } }
    }`,
    { input },
  );
  return { ...(data as typeof data | null)?.identityProviderUpdate, errors };
}

export async function setReturns(admin: GraphQLClient, returns: readonly string[] = [returnTo]) {
  const { data } = await admin<{
    signOnReturnsUpdate: { organisation: { signOnReturns: string[] } | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: SignOnReturnsUpdateInput!) {
      signOnReturnsUpdate(input: $input) { organisation { signOnReturns } userErrors { field code } }
    }`,
    { input: { returns } },
  );
  return data.signOnReturnsUpdate;
}

export const startUrl = (providerId: string, to = returnTo) =>
  `${publicUrl}/sso/${providerId}/start?return=${encodeURIComponent(to)}`;

export interface Outcome {
  readonly code?: string;
  readonly link?: string;
  readonly error?: string;
  /** Of a page, where it was sent nowhere. */
  readonly status?: number;
}

/** What a browser comes back with. */
export async function walk(browser: Browser, url: string): Promise<Outcome> {
  const end = await browser.follow(url, (next) => next.startsWith('https://app.example.org/'));
  if (end.response) return { status: end.response.status };
  const { hash, href } = new URL(end.url);
  if (href !== `${returnTo}${hash}`) throw new Error(`It came back to ${href}.`);
  return Object.fromEntries(new URLSearchParams(hash.slice(1)));
}

/** The whole way, in a browser of its own. */
export const signOn = (identity: RunningIdentity, providerId: string): Promise<Outcome> =>
  walk(browserOf(identity), startUrl(providerId));

/** What a code is exchanged for. */
export async function exchange({ url }: Pick<RunningIdentity, 'url'>, code: string | undefined) {
  const { data } = await graphqlClient(url)<{
    sessionCreateByCode: { tokens: Tokens | null; challenge: Challenge | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: SessionCreateByCodeInput!) {
      sessionCreateByCode(input: $input) {
        tokens { accessToken refreshToken expiresAt } challenge { token kind methods }
        userErrors { field code }
      }
    }`,
    { input: { code: code ?? '' } },
  );
  return data.sessionCreateByCode;
}

export async function beginLink(client: GraphQLClient, input: object) {
  const { data, errors } = await client<{
    signOnLinkBegin: { startUrl: string | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: SignOnLinkBeginInput!) {
      signOnLinkBegin(input: $input) { startUrl userErrors { field code } }
    }`,
    { input: { returnTo, currentPassword: 'lyceum-demo', ...input } },
  );
  return { ...(data as typeof data | null)?.signOnLinkBegin, errors };
}

export async function finishLink(client: GraphQLClient, code: string | undefined) {
  const { data } = await client<{
    signOnLinkFinish: { provider: { id: string; name: string } | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: SignOnLinkFinishInput!) {
      signOnLinkFinish(input: $input) { provider { id name } userErrors { field code } }
    }`,
    { input: { code: code ?? '' } },
  );
  return data.signOnLinkFinish;
}

export async function removeLink(client: GraphQLClient, input: object) {
  const { data, errors } = await client<{
    signOnLinkRemove: { userId: string | null; provider: { id: string } | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: SignOnLinkRemoveInput!) {
      signOnLinkRemove(input: $input) { userId provider { id } userErrors { field code } }
    }`,
    { input },
  );
  return { ...(data as typeof data | null)?.signOnLinkRemove, errors };
}

/** Whether a login goes on. */
export async function goesOn({ url }: Pick<RunningIdentity, 'url'>, { refreshToken }: Tokens) {
  const { data } = await graphqlClient(url)<{ sessionRefresh: { userErrors: Refusal[] } }>(
    `mutation ($token: String!) {
      sessionRefresh(input: { refreshToken: $token }) { userErrors { code } }
    }`,
    { token: refreshToken },
  );
  return data.sessionRefresh.userErrors.length === 0;
}

export const codeRefused = [{ field: ['input', 'code'], code: 'TOKEN_REFUSED' }];
