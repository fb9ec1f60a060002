/** Why a subgraph gave no GraphQL answer. */
export type SubgraphErrorCode = 'SUBGRAPH_UNAVAILABLE' | 'SUBGRAPH_TIMEOUT' | 'SUBGRAPH_BAD_ANSWER';

/** A subgraph gave no GraphQL answer; the message may be shown to clients, the cause may not. */
export class SubgraphError extends Error {
  override name = 'SubgraphError';
  readonly code: SubgraphErrorCode;

  constructor(code: SubgraphErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
