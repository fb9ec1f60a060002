import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { redirectUri } from './single-sign-on.ts';

/** Somebody whom the provider knows. */
export interface Account {
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly name?: string;
  readonly groups?: readonly string[];
}

export interface RealProvider {
  readonly issuer: string;
  /** Who sits before the browser: whom its pages log in, and who consents. */
  person: Account;
  /** Has it tell a URL of every logout (OpenID Connect Back-Channel Logout 1.0). Answers what came of each. */
  tellLogouts(url: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** A provider that others wrote (oidc-provider), on loopback, whose pages log a person in at once. */
export async function startRealProvider(): Promise<RealProvider> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const accounts = new Map<string, Account>();
  const told: string[] = [];
  const running: RealProvider = {
    issuer,
    person: { sub: 'nobody', email: 'nobody@school.example', email_verified: true },
    async tellLogouts(url) {
      const client = await provider.Client.find('lyceum');
      Object.assign(client!, { backchannelLogoutUri: url });
      return told;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'lyceum',
        client_secret: 'a secret',
        redirect_uris: [redirectUri],
        backchannel_logout_uri: 'http://127.0.0.1:9/',
        backchannel_logout_session_required: true,
      },
    ],
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    cookies: { keys: ['a key of a test'] },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ ...accounts.get(sub)!, sub }),
    }),
  });
  provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) {
      await next();
      return;
    }
    const { prompt, params, session } = await provider.interactionDetails(context.req, context.res);
    if (prompt.name === 'login') {
      accounts.set(running.person.sub, running.person);
      const login = { accountId: running.person.sub };
      return provider.interactionFinished(context.req, context.res, { login });
    }
    const grant = new provider.Grant({
      accountId: session!.accountId,
      clientId: String(params['client_id']),
    });
    grant.addOIDCScope('openid email profile');
    const consent = { grantId: await grant.save() };
    return provider.interactionFinished(
      context.req,
      context.res,
      { consent },
      { mergeWithLastSubmission: true },
    );
  });
  provider.on('backchannel.success', () => told.push('success'));
  provider.on('backchannel.error', (_context, error) => told.push(error.message));
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  return running;
}
