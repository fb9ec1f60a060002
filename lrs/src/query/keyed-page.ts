import { nextKeysQuery, reachingQuery, textsQuery, type SelectRows } from '@lyceum/xapi/query';
import type { FoundPage, FoundStatement, StatementPage } from './select-statements.ts';

/** Rows beside the page's: one says whether there is more, another may be of the instant that the page begins behind. */
const more = 2;

/**
 * A page by what statement_keys knows alone: in two looks, of which the second reads nothing but its statements. Null
 * where that does not tell: something is voided, or found by what it refers to, or several were stored at one instant.
 */
export async function selectKeyedPage(
  select: SelectRows,
  page: StatementPage,
  pageBytes: number,
): Promise<FoundPage | null> {
  const rows = page.limit + more;
  const next = nextKeysQuery(page, rows);
  if (next === null) return null;
  const found = await select(next);
  const refers = found.some(([stored]) => stored === '');
  if (refers && (await select(reachingQuery(page))).length > 0) return null;
  const keys = found
    .filter(([stored]) => stored !== '')
    .sort(([a = ''], [b = '']) => (page.filter.ascending ? 1 : -1) * compare(a, b));
  const instants = [...new Set(fitting(keys, pageBytes))];
  const statements = await selectOneEach(select, page.organisationId, instants);
  if (statements === null || !isPlain(statements, page)) return null;
  const behind = statements.filter(({ id }) => id !== page.after?.id).sort(inOrder(page));
  const isEnd = keys.length < rows && instants.at(-1) === keys.at(-1)?.[0];
  if (behind.length === 0 && !isEnd) return null;
  return { statements: behind.slice(0, page.limit), further: !isEnd || behind.length > page.limit };
}

/** As many as make the page's bytes, going by the bits of their lengths, but one at least. */
function fitting(keys: readonly (readonly string[])[], pageBytes: number): string[] {
  let before = 0;
  const end = keys.findIndex(([, bits]) => {
    if (before >= pageBytes) return true;
    before += 2 ** Number(bits);
    return false;
  });
  return keys.slice(0, end < 0 ? keys.length : end).map(([stored = '']) => stored);
}

/** What was stored at each; null where that is not one statement, or one that may be voided. */
async function selectOneEach(
  select: SelectRows,
  organisationId: string,
  instants: readonly string[],
): Promise<FoundStatement[] | null> {
  if (instants.length === 0) return [];
  const found = await select(textsQuery(organisationId, instants));
  if (found.length !== instants.length || found.some(([, , , voiding]) => voiding === '1')) return null;
  return found.map(([stored = '', id = '', text = '']) => ({ stored, id, text }));
}

/** Of the instant that the page begins behind there is nothing but the statement that it begins behind. */
function isPlain(statements: readonly FoundStatement[], { after }: StatementPage): boolean {
  return statements.every(({ stored, id }) => stored !== after?.stored || id === after.id);
}

function inOrder({ filter: { ascending } }: StatementPage) {
  return (a: FoundStatement, b: FoundStatement) => (ascending ? 1 : -1) * compare(a.stored, b.stored);
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
