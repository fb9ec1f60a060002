import { createHash } from 'node:crypto';

export const secret = 'a secret: with a colon';
export const secretHash = createHash('sha256').update(secret).digest('hex');

type RequestBody = NonNullable<RequestInit['body']>;

export interface XapiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON. */
  readonly body: Record<string, never> & {
    error: { code: string; message: string; faults: { path: string }[] };
  };
}

/** Speaks xAPI as a tool would. */
export interface XapiClient {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  send(
    method: string,
    path: string,
    o?: { body?: RequestBody; headers?: Record<string, string> },
  ): Promise<XapiAnswer>;
  /** Strings and bytes go as they are, anything else as JSON. */
  post(statements: unknown): Promise<XapiAnswer>;
  get(query: string): Promise<XapiAnswer>;
}

/** @param onFailure called where the answer is a 500, which no test expects */
export function xapiClient(url: string, key: string, onFailure?: () => void): XapiClient {
  const headers = {
    authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`,
    'x-experience-api-version': '1.0.3',
  };
  const send: XapiClient['send'] = async (method, path, o = {}) => {
    const all = {
      ...headers,
      ...(o.body !== undefined && { 'content-type': 'application/json' }),
      ...o.headers,
    };
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    const response = await fetch(`${url}${path}`, {
      method,
      headers: given,
      ...(o.body !== undefined && { body: o.body, duplex: 'half' }),
    });
    const text = await response.text();
    if (response.status === 500) onFailure?.();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };
  return {
    url,
    headers,
    send,
    post: (statements) => {
      const raw = typeof statements === 'string' || statements instanceof Uint8Array;
      return send('POST', '/xapi/statements', {
        body: raw ? (statements as RequestBody) : JSON.stringify(statements),
      });
    },
    get: (query) => send('GET', `/xapi/statements${query}`),
  };
}

function parse(text: string): XapiAnswer['body'] {
  try {
    return JSON.parse(text) as XapiAnswer['body'];
  } catch {
    return {} as XapiAnswer['body'];
  }
}
