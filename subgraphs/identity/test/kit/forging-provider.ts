import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';

/** What the next login is told, where that is not what it should be. */
export interface Forgery {
  /** In the ID token, in the place of what is right; undefined: absent. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signed by a key that the provider does not publish. */
  readonly otherKey?: boolean;
  /** In the answer to the browser. */
  readonly answer?: Readonly<Record<string, string>>;
  /** In the published configuration. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface ForgingProvider {
  readonly issuer: string;
  forgery: Forgery;
  /** The forms that came to the token endpoint. */
  readonly exchanged: URLSearchParams[];
  /** How often its configuration was asked for. */
  discoveries: number;
  /** A logout token, which by itself is right; `undefined` of a claim: absent. */
  logoutToken(claims: Readonly<Record<string, unknown>>, signed?: LogoutForgery): Promise<string>;
  stop(): Promise<void>;
}

/** How a logout token is signed, where that is not as it should be. */
export interface LogoutForgery {
  readonly otherKey?: boolean;
  readonly type?: string;
  /** With a secret that both know, in the place of the key. */
  readonly secret?: string;
}

/** A provider that says whatever a test wants; by itself, what is right. */
export async function startForgingProvider(): Promise<ForgingProvider> {
  const right = await generateKeyPair('ES256', { extractable: true });
  const wrong = await generateKeyPair('ES256');
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const nonces = new Map<string, string>();
  const running: ForgingProvider = {
    issuer,
    forgery: {},
    exchanged: [],
    discoveries: 0,
    async logoutToken(claims, { otherKey, type, secret } = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
      const said = { iss: issuer, aud: 'lyceum', iat: now, exp: now + 120, jti: crypto.randomUUID(), events };
      const token = new SignJWT({ ...said, ...claims });
      if (secret !== undefined)
        return token.setProtectedHeader({ alg: 'HS256', typ: 'logout+jwt' }).sign(Buffer.from(secret));
      const header = { alg: 'ES256', typ: type ?? 'logout+jwt' };
      return token.setProtectedHeader(header).sign((otherKey === true ? wrong : right).privateKey);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', issuer);
    const bodies: Readonly<Record<string, () => object | Promise<object>>> = {
      '/.well-known/openid-configuration': configuration,
      '/keys': async () => ({ keys: [await exportJWK(right.publicKey)] }),
      '/token': async () => tokens(await formOf(request)),
    };
    const body = await bodies[url.pathname]?.();
    if (body) json(response, body);
    else if (url.pathname === '/authorize') sendBack(url, response);
    else response.writeHead(404).end();
  }

  function configuration(): object {
    running.discoveries += 1;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      id_token_signing_alg_values_supported: ['ES256'],
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      ...running.forgery.metadata,
    };
  }

  function sendBack(url: URL, response: ServerResponse): void {
    const code = crypto.randomUUID();
    nonces.set(code, url.searchParams.get('nonce') ?? '');
    const back = new URL(url.searchParams.get('redirect_uri') ?? '');
    const told = { code, state: url.searchParams.get('state') ?? '', ...running.forgery.answer };
    for (const [name, value] of Object.entries(told)) back.searchParams.set(name, value);
    response.writeHead(303, { location: back.href }).end();
  }

  async function tokens(form: URLSearchParams): Promise<object> {
    running.exchanged.push(form);
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: issuer,
      sub: 'a-subject',
      aud: 'lyceum',
      iat: now,
      exp: now + 60,
      nonce: nonces.get(form.get('code') ?? ''),
      ...running.forgery.claims,
    };
    const key: CryptoKey = (running.forgery.otherKey === true ? wrong : right).privateKey;
    const idToken = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(key);
    return { access_token: 'opaque', token_type: 'Bearer', id_token: idToken };
  }

  return running;
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return new URLSearchParams(body);
}
