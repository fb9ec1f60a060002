/** What a foreign key of our own database points to: its absence is a fault of ours. */
export function present<T>(row: T | null | undefined): T {
  if (row == null) throw new Error('A row that another one points to is missing');
  return row;
}
