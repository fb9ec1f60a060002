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
