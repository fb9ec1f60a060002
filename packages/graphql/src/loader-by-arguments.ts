import DataLoader from 'dataloader';

/**
 * A DataLoader over parents and the arguments of a list: one call of `select` for all parents that are asked for with
 * the same arguments, which is what a page of parents does.
 */
export function loaderByArguments<Arguments, Result>(
  select: (parentIds: readonly string[], args: Arguments) => Promise<ReadonlyMap<string, Result>>,
  absent: Result,
): DataLoader<{ readonly parentId: string; readonly args: Arguments }, Result, string> {
  const textOf = ({ parentId, args }: { parentId: string; args: Arguments }) =>
    JSON.stringify([parentId, args]);
  return new DataLoader<{ readonly parentId: string; readonly args: Arguments }, Result, string>(
    async (keys) => {
      const groups = new Map<string, { args: Arguments; parentIds: string[] }>();
      for (const { parentId, args } of keys) {
        const group = groups.get(JSON.stringify(args));
        if (group) group.parentIds.push(parentId);
        else groups.set(JSON.stringify(args), { args, parentIds: [parentId] });
      }
      const results = new Map<string, ReadonlyMap<string, Result>>();
      for (const [text, { args, parentIds }] of groups) results.set(text, await select(parentIds, args));
      return keys.map(({ parentId, args }) => results.get(JSON.stringify(args))?.get(parentId) ?? absent);
    },
    { cacheKeyFn: textOf },
  );
}

/** The rows of each parent, in the order in which they came. */
export function byParent<Row>(rows: readonly Row[], parentOf: (row: Row) => string): Map<string, Row[]> {
  const parents = new Map<string, Row[]>();
  for (const row of rows) {
    const siblings = parents.get(parentOf(row));
    if (siblings) siblings.push(row);
    else parents.set(parentOf(row), [row]);
  }
  return parents;
}
