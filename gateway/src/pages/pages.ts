import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { HttpServer } from '@lyceum/service';
import type { FastifyReply } from 'fastify';
import type { AlternativeAnswer } from '../requests/graphql-route.ts';
import { readExamples } from './example-operations.ts';
import type { PublicAddresses } from './public-addresses.ts';
import type { SystemStatus } from './system-status.ts';

export interface PagesOptions {
  /** The folder that the build of web/ writes. */
  readonly webDirectory: string;
  /** The folder of example operations. */
  readonly operationsDirectory: string;
  /** Whether the demo accounts exist and may be offered. */
  readonly demo: boolean;
  /** What the start page links to. */
  readonly addresses: PublicAddresses;
  readonly status: SystemStatus;
  /** Whether each subgraph is asked; see subgraphs/circuit.ts. */
  readonly circuits: () => Readonly<Record<string, string>>;
}

/** What loading the demo data creates (README.md, demo accounts); offered only where it was loaded. */
const demoAccounts = ['Learner', 'Instructor', 'Author', 'Admin'].map((label) => ({
  label,
  email: `${label.toLowerCase()}@lyceum.example`,
  password: 'lyceum-demo',
}));

/** Nothing from elsewhere, no inline script. CodeMirror writes its theme into style elements. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** The start page at /, its live state at /status.json, what both pages need at /assets, and what the playground shows. */
export async function servePages(server: HttpServer, options: PagesOptions): Promise<void> {
  const { webDirectory, operationsDirectory, demo, addresses, status, circuits } = options;
  const assets = new Set(await readdir(webDirectory).catch(() => []));
  server.get('/', (_request, reply) => sendPage(reply, webDirectory, 'start.html'));
  server.get('/status.json', async (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .send({ ...(await status.read()), addresses, circuits: circuits() }),
  );
  server.get('/graphql/playground.json', async (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .send({ demoAccounts: demo ? demoAccounts : [], examples: await readExamples(operationsDirectory) }),
  );
  server.get<{ Params: { file: string } }>('/assets/:file', (request, reply) => {
    const { file } = request.params;
    return assets.has(file)
      ? sendFile(reply, webDirectory, file, request.headers['if-none-match'])
      : reply.code(404).send();
  });
}

/** A browser that opens /graphql, rather than a program that asks it something. */
export function playgroundForBrowsers({
  webDirectory,
}: Pick<PagesOptions, 'webDirectory'>): AlternativeAnswer {
  return async (request, reply) => {
    const opened =
      request.method === 'GET' && !request.url.includes('?query=') && !request.url.includes('&query=');
    if (!opened || !request.headers.accept?.includes('text/html')) return false;
    await sendPage(reply, webDirectory, 'playground.html');
    return true;
  };
}

async function sendPage(reply: FastifyReply, directory: string, file: string): Promise<FastifyReply> {
  void reply
    .header('content-security-policy', contentSecurityPolicy)
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin');
  return sendFile(reply, directory, file);
}

async function sendFile(
  reply: FastifyReply,
  directory: string,
  file: string,
  known?: string,
): Promise<FastifyReply> {
  const content = await readFile(join(directory, file)).catch(() => undefined);
  if (!content)
    return reply.code(404).type('text/plain').send('Not built yet: npm run build --workspace web\n');
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  void reply
    .header('etag', etag)
    .header('cache-control', 'no-cache')
    .header('x-content-type-options', 'nosniff');
  if (known === etag) return reply.code(304).send();
  return reply.type(mediaTypes[extname(file)] ?? 'application/octet-stream').send(content);
}
