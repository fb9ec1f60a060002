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
  /** JSON unless the headers say otherwise; made as it is sent where it is too much to hold. */
  readonly body?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}
