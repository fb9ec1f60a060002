/** Where the process dies; those of the server are its own to bring about. */
export type DeathPoint =
  'before it is sent' | 'between the server’s answer and the note' | 'after it was noted' | 'server';

export interface RelayChildInput {
  readonly connectionString: string;
  readonly diesAt: DeathPoint;
  readonly smtpUrl: string | undefined;
  readonly dataDirectory: string;
  readonly leaseMs: number;
}
