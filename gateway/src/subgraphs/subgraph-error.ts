/** Why a subgraph gave no GraphQL answer. */
export type SubgraphErrorCode = 'SUBGRAPH_UNAVAILABLE' | 'SUBGRAPH_TIMEOUT' | 'SUBGRAPH_BAD_ANSWER';

/** A subgraph gave no GraphQL answer; the message may be shown to clients, the cause may not. */
export class SubgraphError extends Error {
  override name = 'SubgraphError';
  readonly code: SubgraphErrorCode;
  /** It was not asked: see circuit.ts. */
  readonly isRefused: boolean;
  /** It answered that the request is at fault, which says that it is well. */
  readonly isOfRequest: boolean;

  constructor(
    code: SubgraphErrorCode,
    message: string,
    options: { cause?: unknown; isRefused?: boolean; isOfRequest?: boolean } = {},
  ) {
    const { cause, isRefused = false, isOfRequest = false } = options;
    super(message, { cause });
    this.code = code;
    this.isRefused = isRefused;
    this.isOfRequest = isOfRequest;
  }
}
