import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  type ClientAuth,
  type Configuration,
} from 'openid-client';
import { customFetch as customKeyFetch, createRemoteJWKSet } from 'jose';
import { verifyLogoutToken, type LogoutClaims, type ProviderKeys } from './logout-token.ts';
import type { OutwardFetch } from './outward-fetch.ts';
import { SignOnError } from './sign-on-error.ts';

/** How a provider is reached, and what Lyceum is to it. */
export interface Registration {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What binds an answer to the question: all are random, and good once. */
export interface SignOnChecks {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Who somebody is, as a provider says it, in a token that was validated. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

export type RelyingParty = ReturnType<typeof createRelyingParty>;

const timeoutSeconds = 10;
const kept = 100;
const freshMs = 300_000;

/** Lyceum as a provider sees it (OpenID Connect Core 1.0, 3.1; OAuth 2.0 security, RFC 9700). */
export function createRelyingParty({ redirectUri, fetch }: { redirectUri: string; fetch: OutwardFetch }) {
  const known = new Map<string, { readonly until: number; readonly configuration: Configuration }>();
  const keys = new WeakMap<Configuration, ProviderKeys>();

  /** A provider's configuration changes seldom, and whoever likes can begin a login: it is asked for now and then. */
  async function configurationOf(registration: Registration): Promise<Configuration> {
    const key = JSON.stringify([registration.issuer, registration.clientId, registration.clientSecret]);
    const fresh = known.get(key);
    if (fresh && fresh.until > Date.now()) return fresh.configuration;
    const configuration = await discover(registration);
    if (known.size >= kept) known.clear();
    known.set(key, { until: Date.now() + freshMs, configuration });
    return configuration;
  }

  async function discover({ issuer, clientId, clientSecret }: Registration): Promise<Configuration> {
    // The library speaks https alone unless told otherwise; which addresses are, `fetch` decides for each.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out; outwardFault lets http be on loopback alone
    const insecure = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
    try {
      return await discovery(new URL(issuer), clientId, {}, secretAsWanted(clientSecret), {
        [customFetch]: (url, options) => fetch(url, options as RequestInit),
        timeout: timeoutSeconds,
        // Signatures are verified although the token comes over TLS: the endpoint may be behind another's proxy.
        execute: [enableNonRepudiationChecks, ...insecure],
      });
    } catch (error) {
      throw new SignOnError('provider_unavailable', error);
    }
  }

  /** The keys that a provider publishes: asked for anew for one that is not among them, twice a minute at most. */
  function keysOf(configuration: Configuration): ProviderKeys {
    const made = keys.get(configuration) ?? remoteKeys(configuration.serverMetadata().jwks_uri);
    keys.set(configuration, made);
    return made;
  }

  function remoteKeys(url: string | undefined): ProviderKeys {
    if (url === undefined) throw new SignOnError('provider_unavailable');
    return createRemoteJWKSet(new URL(url), {
      [customKeyFetch]: (text, options) => fetch(text, options),
      timeoutDuration: timeoutSeconds * 1_000,
    });
  }

  /** What the token says, and where that is less than asked for, what the provider says beside it. */
  async function withUserInfo(
    configuration: Configuration,
    accessToken: string,
    claims: Claims,
  ): Promise<Claims> {
    if (configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    return { ...(await fetchUserInfo(configuration, accessToken, claims.sub)), ...claims };
  }

  return {
    redirectUri,

    /** Where a browser is sent. @throws SignOnError provider_unavailable */
    async authorizationUrl(registration: Registration, checks: SignOnChecks): Promise<URL> {
      return buildAuthorizationUrl(await configurationOf(registration), {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state: checks.state,
        nonce: checks.nonce,
        code_challenge: await calculatePKCECodeChallenge(checks.codeVerifier),
        code_challenge_method: 'S256',
      });
    },

    /**
     * Who is logged out at the provider, as a logout token says that is right.
     *
     * @throws SignOnError provider_unavailable; an error of jose, or LogoutTokenError, for a token that is refused
     */
    async logoutClaimsOf(registration: Registration, token: string): Promise<LogoutClaims> {
      const configuration = await configurationOf(registration);
      const { issuer, id_token_signing_alg_values_supported: algorithms } = configuration.serverMetadata();
      const { clientId } = registration;
      return verifyLogoutToken(token, { keys: keysOf(configuration), issuer, clientId, algorithms });
    },

    /**
     * Who came back, once the provider gave a token for the code, and the token's issuer, audience, signature, times and
     * nonce are right (OpenID Connect Core 1.0, 3.1.3.7), as well as the issuer of the answer, where it has one (RFC 9207).
     *
     * @param query of the request to the redirect URI
     * @throws SignOnError
     */
    async claimsOf(registration: Registration, query: string, checks: SignOnChecks): Promise<Claims> {
      const configuration = await configurationOf(registration);
      const answer = new URL(redirectUri);
      answer.search = query;
      try {
        const tokens = await authorizationCodeGrant(configuration, answer, {
          expectedState: checks.state,
          expectedNonce: checks.nonce,
          pkceCodeVerifier: checks.codeVerifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (!claims) throw new Error('There is no ID token.');
        return await withUserInfo(configuration, tokens.access_token, claims);
      } catch (error) {
        const refused = error instanceof AuthorizationResponseError;
        throw new SignOnError(refused ? 'provider_refused' : 'sign_on_failed', error);
      }
    },
  };
}

/** As the provider takes it; one that does not say takes it in the header (OpenID Connect Discovery 1.0, 3). */
function secretAsWanted(secret: string): ClientAuth {
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const show = methods.includes('client_secret_basic') ? basic : post;
    show(server, client, body, headers);
  };
}
