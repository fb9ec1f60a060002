import type { Logger } from '@lyceum/service';
import type { FormattedExecutionResult } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { endedBecause, errorsOfSubgraph, SubscriptionEnded } from './ended.ts';
import { closeCode, createUpstream, type Patience, type Upstream } from './upstream.ts';

/** What comes from a subgraph. After `end` nothing does. */
export interface UpstreamSink {
  /** @param bytes that it had as JSON */
  event(payload: FormattedExecutionResult, bytes: number): void;
  end(reason?: SubscriptionEnded): void;
  /** Why it may not be begun anew under the client's rights of now. */
  refusal(): SubscriptionEnded | undefined;
}

/** The sockets to subgraphs on behalf of one client: one a subgraph, open while it has a subscription. */
export interface Upstreams {
  /** @returns how to leave; nothing reaches the sink afterwards. */
  subscribe(subgraph: string, url: string, payload: SubscribePayload, sink: UpstreamSink): () => void;
  /**
   * Goes on with the client's token of now. With the same rights, each subgraph is shown it on the open socket, and no
   * event is missed. With other rights every subscription is left and begun anew, so that its subgraph decides again
   * whether, and with what, it goes on: one that it refuses ends with the subgraph's error, one that the gateway
   * refuses with its own.
   */
  renew(rightsChanged: boolean): void;
}

/** A subscription at a subgraph, which may be begun anew. */
interface Open {
  leave: () => void;
  begin(): () => void;
  /** Ends it where it may not be begun anew. */
  isRefused(): boolean;
}

/** @param options.authorization of the client, as it is now; forwarded as the connection's payload. */
export function createUpstreams(options: {
  authorization: () => string | undefined;
  patience: Patience;
  logger: Logger;
}): Upstreams {
  const upstreams = new Map<string, Upstream>();
  const opens = new Set<Open>();

  function upstreamOf(subgraph: string, url: string): Upstream {
    const known = upstreams.get(url);
    if (known) return known;
    const upstream = createUpstream({ ...options, subgraph, url });
    upstreams.set(url, upstream);
    return upstream;
  }

  function begin(subgraph: string, url: string, payload: SubscribePayload, sink: UpstreamSink): () => void {
    let left = false;
    const upstream = upstreamOf(subgraph, url);
    const leave = upstream.client.subscribe(payload, {
      next: (event) => {
        upstream.delivered();
        if (!left) sink.event(event as FormattedExecutionResult, upstream.messageBytes);
      },
      error: (reason) => {
        // Patience ran out, for this client's subscriptions of this subgraph; the next one has all of it again.
        if (!Array.isArray(reason) && upstreams.get(url) === upstream) upstreams.delete(url);
        if (!left) sink.end(explain(reason, subgraph));
      },
      complete: () => {
        if (!left) sink.end();
      },
    });
    return () => {
      left = true;
      leave();
    };
  }

  return {
    subscribe(subgraph, url, payload, sink) {
      const ending: UpstreamSink = {
        event: (payload, bytes) => {
          sink.event(payload, bytes);
        },
        end: (reason) => {
          opens.delete(open);
          sink.end(reason);
        },
        refusal: () => sink.refusal(),
      };
      const open: Open = {
        leave: () => undefined,
        begin: () => begin(subgraph, url, payload, ending),
        isRefused() {
          const reason = sink.refusal();
          if (reason) ending.end(reason);
          return reason !== undefined;
        },
      };
      opens.add(open);
      open.leave = open.begin();
      return () => {
        opens.delete(open);
        open.leave();
      };
    },
    renew(rightsChanged) {
      if (!rightsChanged) {
        for (const upstream of upstreams.values()) upstream.renew();
        return;
      }
      upstreams.clear();
      for (const open of [...opens]) {
        open.leave();
        if (!open.isRefused()) open.leave = open.begin();
      }
    },
  };
}

function explain(reason: unknown, subgraph: string): SubscriptionEnded {
  if (Array.isArray(reason)) return new SubscriptionEnded(errorsOfSubgraph(reason, subgraph));
  if (closeCode(reason) === 4403 || closeCode(reason) === 4401) {
    return endedBecause('UNAUTHENTICATED', `The subgraph "${subgraph}" does not accept the access token.`);
  }
  return endedBecause(
    'SUBGRAPH_UNAVAILABLE',
    `The subgraph "${subgraph}" cannot be reached. Subscribe again later.`,
  );
}
