import { notFound } from '@lyceum/service';
import DataLoader from 'dataloader';

/** A DataLoader over rows with an `id`: one query for all ids that a request asks for, null for those not found. */
export function loaderById<Row extends { readonly id: string }>(
  select: (ids: readonly string[]) => Promise<readonly Row[]>,
): DataLoader<string, Row | null> {
  return new DataLoader(async (ids) => {
    const rows = new Map((await select(ids)).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id) ?? null);
  });
}

/** The row that a loader finds by id; `what` is how a person calls it. @throws DomainError NOT_FOUND */
export async function found<Row>(
  loader: DataLoader<string, Row | null>,
  what: string,
  id: string,
): Promise<Row> {
  const row = await loader.load(id);
  if (row === null) throw notFound(what, id);
  return row;
}
