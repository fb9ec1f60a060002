import DataLoader from 'dataloader';

/**
 * A DataLoader over what belongs to a parent: one query for all parents that a request asks for at once, its rows handed
 * out to those whose they are, in the order in which they came.
 *
 * @param textOfKey where a parent is known by more than an id: the text that its rows have as `parentOf`
 */
export function loaderOfMany<Row, Key = string>(
  select: (keys: readonly Key[]) => Promise<readonly Row[]>,
  parentOf: (row: Row) => string,
  textOfKey: (key: Key) => string = String,
): DataLoader<Key, Row[], string> {
  return new DataLoader<Key, Row[], string>(
    async (keys) => {
      const rows = new Map<string, Row[]>(keys.map((key) => [textOfKey(key), []]));
      for (const row of await select(keys)) rows.get(parentOf(row))?.push(row);
      return keys.map((key) => rows.get(textOfKey(key)) ?? []);
    },
    { cacheKeyFn: textOfKey },
  );
}
