/** What happened so far. */
export interface Tally {
  readonly counts: Counts;
  /** Milliseconds, of one request. */
  latency(kind: 'statements' | 'graph', milliseconds: number): void;
  retry(reason: string): void;
  error(reason: string): void;
  latencies(kind: 'statements' | 'graph'): readonly number[];
  retries(): ReadonlyMap<string, number>;
  errors(): ReadonlyMap<string, number>;
}

export interface Counts {
  statementsSent: number;
  /** Answered with their ids. */
  statementsAccepted: number;
  quizzes: number;
  quizzesPassed: number;
}

/** One for a run; everything that sends writes to it. */
export function createTally(): Tally {
  const latencies = { statements: [] as number[], graph: [] as number[] };
  const retries = new Map<string, number>();
  const errors = new Map<string, number>();
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  return {
    counts: { statementsSent: 0, statementsAccepted: 0, quizzes: 0, quizzesPassed: 0 },
    latency: (kind, milliseconds) => {
      latencies[kind].push(milliseconds);
    },
    retry: (reason) => {
      count(retries, reason);
    },
    error: (reason) => {
      count(errors, reason);
    },
    latencies: (kind) => latencies[kind],
    retries: () => retries,
    errors: () => errors,
  };
}
