import { parseArgs } from 'node:util';
import { StartError } from '@lyceum/service';

/** What is asked of a gateway alone. */
export interface StandaloneArguments {
  /** A file. */
  readonly supergraph: string;
  /** Where it is asked for instead; the file then keeps the last one that was served. */
  readonly supergraphUrl?: string;
  readonly port?: number;
  readonly host?: string;
  /** Where the keys are with which clients' tokens are signed; absent: nobody is authenticated. */
  readonly tokens?: { readonly jwksUrl: string; readonly issuer?: string; readonly audience?: string };
}

const usage = `Usage: npm start --workspace gateway -- --supergraph FILE [--supergraph-url URL] [--port N] [--host ADDRESS]
       [--jwks URL [--issuer ISSUER] [--audience AUDIENCE]]

  --supergraph FILE  the composed graph (SDL with @join__ directives); loaded anew when it changes
  --supergraph-url URL  where it is asked for instead, every ten seconds (SUPERGRAPH_POLL_MS); FILE then keeps the
                     last one that was served, for a start while the URL does not answer
  --port N           where it listens; 4000 (or PORT) unless said
  --host ADDRESS     the interface; 127.0.0.1 (or HOST) unless said
  --jwks URL         the keys of clients' access tokens (JWT), which are then verified; a supergraph with
                     @authenticated, @requiresScopes or @policy is served with it alone
  --issuer ISSUER    what their "iss" must be; anything unless said
  --audience AUDIENCE  what their "aud" must be, or hold; anything unless said

Without arguments, it is the gateway of the whole system. See gateway/README.md, "Alone".`;

/** @throws StartError that says what is wrong, and the usage. */
export function parseStandaloneArguments(given: readonly string[]): StandaloneArguments {
  const { supergraph, 'supergraph-url': url, port, host, ...tokens } = valuesOf(given);
  if (!supergraph) throw misused('--supergraph must name a file.');
  if (url !== undefined && !isAddress(url))
    throw misused(`--supergraph-url must be an address, http:// or https://: "${url}"`);
  return {
    supergraph,
    ...(url === undefined ? {} : { supergraphUrl: url }),
    ...(port === undefined ? {} : { port: portOf(port) }),
    ...(host === undefined ? {} : { host }),
    ...tokensOf(tokens),
  };
}

function tokensOf({ jwks, issuer, audience }: Partial<Record<'jwks' | 'issuer' | 'audience', string>>) {
  if (jwks === undefined) {
    if ((issuer ?? audience) === undefined) return {};
    throw misused('--issuer and --audience are of tokens that are verified: pass --jwks, too.');
  }
  if (!isAddress(jwks)) throw misused(`--jwks must be an address, http:// or https://: "${jwks}"`);
  const said = {
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  return { tokens: { jwksUrl: jwks, ...said } };
}

function valuesOf(given: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    supergraph: text,
    'supergraph-url': text,
    port: text,
    host: text,
    jwks: text,
    issuer: text,
    audience: text,
  };
  try {
    return parseArgs({ args: [...given], options }).values;
  } catch (error) {
    throw misused(error instanceof Error ? error.message : String(error));
  }
}

const isAddress = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw misused(`--port must be a port, 0 to 65535: "${text}"`);
  return port;
}

function misused(reason: string): StartError {
  return new StartError(`${reason}\n\n${usage}`);
}
