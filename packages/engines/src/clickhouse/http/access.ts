import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { ClickHouseException } from '../exception.ts';
import { headerOf } from './request.ts';

/** Who may ask. A server as installed has the user `default` with an empty password. */
export interface Credentials {
  user: string;
  password: string;
}

/** ClickHouse's default user. */
export const defaultCredentials: Credentials = { user: 'default', password: '' };

/**
 * Checks the credentials of a request: X-ClickHouse-User and -Key, Basic, or the parameters user and password.
 *
 * @throws ClickHouseException AUTHENTICATION_FAILED
 */
export function requireCredentials(
  message: IncomingMessage,
  url: URLSearchParams,
  expected: Credentials,
): void {
  const given = fromHeaders(message) ?? fromBasic(message) ?? fromParameters(url);
  const matches = same(given.user, expected.user) && same(given.password, expected.password);
  if (matches) return;
  throw new ClickHouseException(
    516,
    'AUTHENTICATION_FAILED',
    `${given.user}: Authentication failed: password is incorrect, or there is no user with such name.`,
  );
}

/**
 * Where no password protects the data, a web page that the user visits must not reach it: neither by posting across
 * sites nor by a name that it has pointed to this machine (DNS rebinding).
 *
 * @throws ClickHouseException ACCESS_DENIED
 */
export function refuseWebPages(message: IncomingMessage, expected: Credentials): void {
  if (expected.password !== '') return;
  const crossSite =
    headerOf(message, 'sec-fetch-site') === 'cross-site' || !isLocalOrigin(headerOf(message, 'origin'));
  if (!crossSite && isLocalHost(headerOf(message, 'host'))) return;
  throw new ClickHouseException(
    497,
    'ACCESS_DENIED',
    'The request comes from a web page or under a foreign host name, and no password is set: not answered',
  );
}

function isLocalOrigin(origin: string | undefined): boolean {
  return origin === undefined || (URL.canParse(origin) && isLocalHost(new URL(origin).host));
}

// An address can't be pointed elsewhere, and a name without a dot is one of this machine or of its own network.
function isLocalHost(host: string | undefined): boolean {
  if (host === undefined) return true;
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return isIP(name) !== 0 || !name.includes('.') || name.endsWith('.localhost') || name.endsWith('.internal');
}

function fromHeaders(message: IncomingMessage): Credentials | undefined {
  const user = headerOf(message, 'x-clickhouse-user');
  const password = headerOf(message, 'x-clickhouse-key');
  if (user === undefined && password === undefined) return undefined;
  return { user: user ?? 'default', password: password ?? '' };
}

function fromBasic(message: IncomingMessage): Credentials | undefined {
  const encoded = /^Basic (.*)$/i.exec(headerOf(message, 'authorization') ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [user = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':');
  return { user: nonEmpty(user) ?? 'default', password: password.join(':') };
}

function fromParameters(url: URLSearchParams): Credentials {
  return { user: nonEmpty(url.get('user')) ?? 'default', password: url.get('password') ?? '' };
}

function nonEmpty(text: string | null): string | undefined {
  return text === null || text === '' ? undefined : text;
}

// Hashed first, so that the comparison takes the same time for every length.
function same(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
