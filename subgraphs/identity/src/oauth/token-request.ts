import { invalidClient, OAuthError } from '../domain/oauth-grant.ts';

/** The parameters of a request to the token endpoint. */
export interface TokenRequest {
  /** @throws OAuthError invalid_request where it is missing */
  required(name: string): string;
  /** One without a value counts as absent (RFC 6749, 3.2). */
  optional(name: string): string | undefined;
}

const form = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** @throws OAuthError invalid_request for what is no form, or names a parameter twice (RFC 6749, 3.2) */
export function readForm(contentType: string | undefined, body: unknown): TokenRequest {
  if (!form.test(contentType ?? '') || typeof body !== 'string')
    throw new OAuthError('invalid_request', 'Send a form: application/x-www-form-urlencoded.');
  const parameters = new URLSearchParams(body);
  const names = [...parameters.keys()];
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw new OAuthError('invalid_request', 'A parameter is given twice.');
  const optional = (name: string) => {
    const value = parameters.get(name) ?? '';
    return value === '' ? undefined : value;
  };
  return {
    optional,
    required(name) {
      const value = optional(name);
      if (value === undefined) throw new OAuthError('invalid_request', `The parameter ${name} is missing.`);
      return value;
    },
  };
}

/**
 * A client's credentials, from HTTP Basic or from the form, never both (RFC 6749, 2.3 and 2.3.1).
 *
 * @throws OAuthError invalid_request, invalid_client
 */
export function clientOf(
  asked: TokenRequest,
  authorization: string | undefined,
): { id: string; secret: string } {
  const [id, secret] = [asked.optional('client_id'), asked.optional('client_secret')];
  if (authorization === undefined) {
    if (id === undefined || secret === undefined) throw invalidClient();
    return { id, secret };
  }
  const basic = basicOf(authorization);
  if (secret !== undefined || (id !== undefined && id !== basic.id))
    throw new OAuthError('invalid_request', 'Give the credentials once: in the header or in the form.');
  return basic;
}

/** Both parts are form-encoded before they are joined (RFC 6749, 2.3.1). @throws OAuthError invalid_client */
function basicOf(authorization: string): { id: string; secret: string } {
  const [, encoded] = /^basic +([a-z0-9+/]+=*) *$/i.exec(authorization) ?? [];
  const [, id, secret] = /^([^:]+):(.+)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
  if (id === undefined || secret === undefined) throw invalidClient();
  return { id: formDecoded(id), secret: formDecoded(secret) };
}

const formDecoded = (text: string) => new URLSearchParams(`_=${text.replaceAll('&', '%26')}`).get('_') ?? '';
