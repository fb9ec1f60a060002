import { leadSizesQuery, placesQuery, windowQuery, type BoundQuery } from './places-query.ts';
import type { StatementPlace } from './statement-filter.ts';
import { isLedTo, leadsOf } from './statement-keys.ts';
import type { StatementPage } from './statement-page.ts';

/** Runs a query; the values of each row as text, in the order of its columns. */
export type SelectRows = (bound: BoundQuery) => Promise<readonly (readonly string[])[]>;

/** Where a statement is, and the bytes of its text; 0 where they are not known. */
export interface SizedPlace extends StatementPlace {
  readonly bytes: number;
}

/** Rows of statement_keys that are followed at first, and then, where they led to too few statements. */
const windows = [1_000, 30_000, 1_000_000];

/** With more, a filter reads all statements rather than remember where it may look. */
const mostRemembered = 1_000_000;

/**
 * The places of a page's statements, in its order: where something is asked for that statement_keys knows, they are looked
 * for where that leads, a window after another, so that a page of what is rare costs no more than one of what is frequent.
 */
export async function selectPlaces(select: SelectRows, page: StatementPage): Promise<SizedPlace[]> {
  const lead = await selectLead(select, page);
  if (lead === undefined) return placesOf(await select(placesQuery(page)));
  const found: SizedPlace[] = [];
  let behind: string | undefined;
  for (let index = 0; ; index += 1) {
    const rest = { ...page, limit: page.limit - found.length };
    const rows = Math.max(page.limit, windows[Math.min(index, windows.length - 1)] ?? 0);
    const window = { lead: lead.condition, rows, behind };
    const [[count, last] = []] = await select(windowQuery(rest, window));
    const edge = Number(count) < rows ? undefined : last;
    found.push(...placesOf(await select(placesQuery(rest, { ...window, edge }))));
    if (edge === undefined || found.length >= page.limit) return found;
    behind = edge;
  }
}

/** The condition for countQuery, where it is one on few statements. */
export async function selectLed(select: SelectRows, page: Omit<StatementPage, 'limit'>): Promise<string[]> {
  const lead = await selectLead(select, { ...page, limit: 0 }, { measured: true });
  return lead === undefined || lead.rows > mostRemembered ? [] : [isLedTo(lead.condition)];
}

/** Of several ways to the statements the one that passes the fewest. */
async function selectLead(
  select: SelectRows,
  page: StatementPage,
  { measured } = { measured: false },
): Promise<{ condition: string; rows: number } | undefined> {
  const leads = leadsOf(page);
  const [only] = leads;
  if (only === undefined) return undefined;
  if (leads.length === 1 && !measured) return { condition: only, rows: NaN };
  const sizes = await select(leadSizesQuery(page, leads));
  const measuredLeads = leads.map((condition, index) => ({ condition, rows: Number(sizes[index]?.[0]) }));
  return measuredLeads.reduce((least, each) => (each.rows < least.rows ? each : least));
}

function placesOf(rows: readonly (readonly string[])[]): SizedPlace[] {
  return rows.map(([stored = '', id = '', bytes]) => ({ stored, id, bytes: Number(bytes) }));
}
