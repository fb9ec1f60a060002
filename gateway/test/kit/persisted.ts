import { createHash } from 'node:crypto';
import type { Answer, TestGateway } from './gateway.ts';

export const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
/** The extension that names an operation (Apollo's protocol of persisted queries). */
export const named = (hash: string) => ({ persistedQuery: { version: 1, sha256Hash: hash } });

/** An operation, whatever it has of a document. */
export async function send(gateway: TestGateway, body: object): Promise<Answer> {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as object) };
}
