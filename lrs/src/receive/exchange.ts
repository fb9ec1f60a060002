import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Edition } from '@lyceum/xapi';
import type { Credential } from './credentials.ts';

/** One request, as far as it is known before its resource sees it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly parameters: URLSearchParams;
  readonly requestId: string;
}

/** A request to a resource of xAPI: who asks, and by which of the two standards. */
export interface XapiExchange extends Exchange {
  readonly edition: Edition;
  readonly credential: Credential;
}

/** What a resource answers. */
export interface Answer {
  readonly status: number;
  /** JSON, or nothing. */
  readonly body?: string;
  /** In its place, bytes of another type (a header says which), made as they are sent. */
  readonly stream?: AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}
