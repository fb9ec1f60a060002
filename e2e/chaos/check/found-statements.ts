import { markOf } from '../load/statement.ts';
import { untilAnswered } from '../load/writer.ts';
import type { Send } from '../load/xapi.ts';

/** A statement as somebody who reads the store finds it. */
export interface FoundStatement {
  readonly id: string;
  readonly mark: string;
}

/** All that the filter lists, page by page. @throws Error where a page does not come */
export async function listStatements(send: Send): Promise<FoundStatement[]> {
  const found: FoundStatement[] = [];
  for (let path = '/xapi/statements?limit=500&ascending=true'; path !== '';) {
    const asked = path;
    const reply = await untilAnswered(() => send('GET', asked));
    if (reply?.status !== 200) throw new Error(`${path} was answered ${reply?.status ?? 'by nothing'}`);
    const page = JSON.parse(reply.text) as { statements: { id: string }[]; more: string };
    for (const each of page.statements) found.push({ id: each.id, mark: markOf(each) ?? '' });
    path = page.more;
  }
  return found;
}

/** All that ClickHouse has, voided or not. */
export async function selectStatements(clickHouseUrl: string): Promise<FoundStatement[]> {
  return queryClickHouse<FoundStatement>(
    clickHouseUrl,
    `SELECT toString(id) AS id, JSONExtractString(statement, 'result', 'response') AS mark FROM statements`,
  );
}

/** Rows of ClickHouse, asked over HTTP as any client would. */
export async function queryClickHouse<Row>(url: string, query: string): Promise<Row[]> {
  const response = await fetch(`${url}/?database=lyceum&default_format=JSONEachRow`, {
    method: 'POST',
    body: query,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Row);
}
