/** Runs `work` on every entry, so many at a time, and answers the results in the entries' order. */
export async function concurrently<T, R>(
  entries: readonly T[],
  limit: number,
  work: (entry: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < entries.length; index = next++) {
      results[index] = await work(entries[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, entries.length) }, worker));
  return results;
}
