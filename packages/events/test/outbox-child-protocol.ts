/** Where the process dies. */
export type DeathPoint =
  | 'relay: before the append'
  | 'relay: between append and delete'
  | 'relay: after the delete'
  | 'consumer: before the transaction'
  | 'consumer: in the transaction'
  | 'consumer: between transaction and commit of the offset';

export interface OutboxChildInput {
  readonly connectionString: string;
  readonly directory: string;
  readonly diesAt: DeathPoint;
}
