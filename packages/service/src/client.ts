import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import proxyAddress from '@fastify/proxy-addr';

/** Where a request comes from, as the gateway saw it. */
export interface Client {
  /** IPv4 or IPv6 address. */
  readonly address: string;
  /** What the client calls itself (RFC 9110, 10.1.5); cut to 300 characters. */
  readonly userAgent: string | undefined;
}

/** Carries a client from the gateway to the services behind it, which trust no header that they can't verify. */
export const clientHeader = 'lyceum-client';

const longestUserAgent = 300;

/** The client of a request that no fastify handles, such as one that becomes a WebSocket. */
export function clientOfMessage(message: IncomingMessage, trustedProxies: readonly string[] = []): Client {
  return clientOf(proxyAddress(message, [...trustedProxies]), message.headers['user-agent']);
}

export function clientOf(address: string, userAgent: string | undefined): Client {
  return { address, userAgent: userAgent?.slice(0, longestUserAgent) };
}

/** `payload.signature`, each base64url: the client as JSON, and its HMAC-SHA-256 under the gateway's secret. */
export function sealClient({ address, userAgent }: Client, secret: string): string {
  const payload = Buffer.from(JSON.stringify([address, userAgent])).toString('base64url');
  return `${payload}.${signature(payload, secret).toString('base64url')}`;
}

/** The client that the gateway sealed; undefined for whatever the gateway did not. */
export function openClient(sealed: string | undefined, secret: string): Client | undefined {
  const [payload = '', given = '', ...more] = sealed?.split('.') ?? [];
  if (payload === '' || more.length > 0) return undefined;
  const expected = signature(payload, secret);
  const found = Buffer.from(given, 'base64url');
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) return undefined;
  const [address, userAgent] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string, string?];
  return clientOf(address, userAgent ?? undefined);
}

function signature(payload: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(payload).digest();
}
