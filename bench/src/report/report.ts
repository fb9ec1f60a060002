/** The middle of some measurements; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}

/** Three significant digits are what a benchmark on a shared machine can tell. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}

export interface Report {
  readonly bench: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, number>>;
}

/** Prints the rows for people and, as the last line, the report for programs (DESIGN section 4). */
export function printReport(rows: readonly object[], report: Report): void {
  console.table(rows);
  console.log(JSON.stringify(report));
}
