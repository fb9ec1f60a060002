import type { System } from '@lyceum/testing';
import { demoSecret } from './people.ts';

export const completed = 'http://adlnet.gov/expapi/verbs/completed';

/** POST /xapi/statements. */
export function postStatements(
  system: System,
  body: unknown,
  { key = 'demo', secret = demoSecret }: { key?: string; secret?: string } = {},
): Promise<Response> {
  return fetch(`${system.url('lrs-receive')}/xapi/statements`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${key}:${secret}`)}`,
      'content-type': 'application/json',
      'x-experience-api-version': '1.0.3',
    },
    body: JSON.stringify(body),
  });
}

/** That a person has completed an item, as any tool would say it. */
export function completion(system: System, learnerId: string, itemId: string) {
  const { publicUrl } = system.state();
  return {
    actor: { account: { homePage: publicUrl, name: learnerId } },
    verb: { id: completed },
    object: { id: `${publicUrl}/xapi/activities/${itemId}` },
  };
}

/** Rows of ClickHouse, asked over HTTP as any client would. */
export async function queryClickHouse<Row>(system: System, query: string): Promise<Row[]> {
  const response = await fetch(`${system.clickhouseUrl()}/?database=lyceum&default_format=JSONEachRow`, {
    method: 'POST',
    body: query,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** How often a statement is stored. */
export async function timesStored(system: System, statementId: string): Promise<number> {
  const rows = await queryClickHouse(system, `SELECT 1 FROM statements WHERE id = '${statementId}'`);
  return rows.length;
}
