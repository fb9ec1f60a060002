import type { Client, Viewer } from '@lyceum/service';
import type { FormattedExecutionResult } from 'graphql';

/** What every part of the gateway knows of the operation at hand. */
export interface RequestContext {
  readonly requestId: string;
  /** Where it comes from. */
  readonly client: Client;
  /** Who asks; undefined without a token. */
  readonly viewer: Viewer | undefined;
  /** The verified `authorization` header, forwarded to subgraphs as it is. */
  readonly authorization: string | undefined;
  /** The event that a live subscription is resolving, as its subgraph sent it. */
  readonly event?: FormattedExecutionResult;
  /** `performance.now()` of the event's arrival: nothing that was asked before it may answer a fetch for it. */
  readonly notBefore?: number;
}
