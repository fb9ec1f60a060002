import { createHash } from 'node:crypto';
import type { XapiAnswer, XapiClient } from './xapi-client.ts';

export const activity = 'http://lyceum.example/xapi/activities/item_1';
export const ada = { mbox: 'mailto:ada@example.org' };

/** The three document resources, each with the parameters of one document. */
export const resources = [
  ['state', '/xapi/activities/state', { activityId: activity, agent: JSON.stringify(ada), stateId: 'place' }],
  ['activity profile', '/xapi/activities/profile', { activityId: activity, profileId: 'place' }],
  ['agent profile', '/xapi/agents/profile', { agent: JSON.stringify(ada), profileId: 'place' }],
] as const;

/** A document by its parameters, as a client sees it. */
export interface Remote {
  readonly path: string;
  put(body: RequestBody, headers?: Record<string, string>): Promise<XapiAnswer>;
  post(body: RequestBody, headers?: Record<string, string>): Promise<XapiAnswer>;
  get(headers?: Record<string, string>): Promise<XapiAnswer>;
  delete(headers?: Record<string, string>): Promise<XapiAnswer>;
}

type RequestBody = NonNullable<RequestInit['body']>;

export function remote(client: XapiClient, path: string, parameters: Record<string, string>): Remote {
  const address = addressOf(path, parameters);
  return {
    path: address,
    put: (body, headers = {}) => client.send('PUT', address, { body, headers }),
    post: (body, headers = {}) => client.send('POST', address, { body, headers }),
    get: (headers = {}) => client.send('GET', address, { headers }),
    delete: (headers = {}) => client.send('DELETE', address, { headers }),
  };
}

export const addressOf = (path: string, parameters: Record<string, string>) =>
  `${path}?${new URLSearchParams(parameters).toString()}`;

export const etagOf = (text: string | Uint8Array) => `"${createHash('sha1').update(text).digest('hex')}"`;
