import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Identity's token endpoint, over real HTTP. */
export interface TestTokenEndpoint {
  readonly url: string;
  /** The forms that it received, and the headers that came with each. */
  readonly received: { form: URLSearchParams; headers: IncomingMessage['headers'] }[];
  /** What each personal access token is exchanged for; any other is refused. */
  readonly accessTokens: Map<string, { accessToken: string; seconds: number }>;
  /** Answers with this status alone, as a server that is broken does. */
  answerWith(status: number | undefined): void;
  stop(): void;
}

export async function startTokenEndpoint(): Promise<TestTokenEndpoint> {
  const received: TestTokenEndpoint['received'] = [];
  const accessTokens: TestTokenEndpoint['accessTokens'] = new Map();
  let broken: number | undefined;

  async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    received.push({ form, headers: request.headers });
    if (broken !== undefined) return { status: broken, body: {} };
    const known = accessTokens.get(form.get('subject_token') ?? '');
    if (!known) return { status: 400, body: { error: 'invalid_request' } };
    return { status: 200, body: { access_token: known.accessToken, expires_in: known.seconds } };
  }

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'www-authenticate': 'Basic realm="Lyceum"',
        'x-internal': 'not for clients',
      });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/oauth/token`,
    received,
    accessTokens,
    answerWith(status) {
      broken = status;
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
