/** Does `ids` name each of `present` once, and nothing else? */
export function isWholeOrder(ids: readonly string[], present: readonly { readonly id: string }[]): boolean {
  const named = new Set(ids);
  return ids.length === present.length && present.every(({ id }) => named.has(id));
}
