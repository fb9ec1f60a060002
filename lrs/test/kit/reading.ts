import { expect } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { statement } from './statements.ts';
import type { Lrs } from './lrs.ts';
import type { XapiClient } from './xapi-client.ts';

export interface Page {
  statements: { id: string; stored: string }[];
  more: string;
}

/** A page that a query, or a `more`, finds. */
export async function page(client: XapiClient, query: string): Promise<Page> {
  const { status, body, text } = await client.get(query.replace(/^\/xapi\/statements/, ''));
  expect([status, status === 200 ? '' : text]).toEqual([200, '']);
  return body as unknown as Page;
}

export async function foundBy(client: XapiClient, query: string): Promise<string[]> {
  return (await page(client, query)).statements.map(({ id }) => id);
}

/** Posts statements and waits until ClickHouse has them, and ingest has done with them. */
export async function keep(
  lrs: Lrs,
  client: XapiClient,
  batch: Record<string, unknown>[],
): Promise<string[]> {
  const { status, text } = await client.post(batch);
  expect([status, status === 200 ? '' : text]).toEqual([200, '']);
  const ids = batch.map(({ id }) => String(id));
  await ingested(lrs, ids);
  return ids;
}

export async function ingested(lrs: Pick<Lrs, 'count' | 'log'>, ids: readonly string[]): Promise<void> {
  await eventually(async () => {
    expect(await lrs.count(`id IN ('${ids.join("','")}')`)).toBe(ids.length);
  });
  await eventually(async () => {
    expect((await lrs.log.lag('lrs-ingest')).reduce((sum, { lag }) => sum + lag, 0)).toBe(0);
  });
}

/** A statement about another one. */
export function about(target: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return statement({ object: { objectType: 'StatementRef', id: target }, ...changes });
}

export function voiding(target: string): Record<string, unknown> {
  return about(target, { verb: { id: 'http://adlnet.gov/expapi/verbs/voided' } });
}
