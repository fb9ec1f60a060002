export interface LogConnection {
  readonly kafkaBrokers?: string;
  readonly directory: string;
}

interface Common {
  readonly log: LogConnection;
  readonly topics: readonly string[];
}

export type LogChildInput =
  | (Common & { readonly role: 'append'; readonly batchSize: number })
  /** hang: never finishes its first batch; sleep: stops itself (SIGSTOP) in the middle of each. */
  | (Common & { readonly role: 'consume' | 'hang' | 'sleep'; readonly group: string });

export interface LogChildMessage {
  readonly appended?: string;
  readonly handled?: readonly string[];
  readonly partition?: number;
  readonly ready?: boolean;
  /** `sleep` is about to. */
  readonly asleep?: boolean;
  /** `sleep` is over: what comes next is the commit. */
  readonly finished?: boolean;
}
