import type { Logger } from '@lyceum/service';
import type { FormattedExecutionResult } from 'graphql';
import { createClient, type Client, type SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { subscriptionUrl } from '../subgraphs/addresses.ts';
import { endedBecause, errorsOfSubgraph, SubscriptionEnded } from './ended.ts';
import { upstreamSocket } from './upstream-socket.ts';

/** What comes from a subgraph. After `end` nothing does. */
export interface UpstreamSink {
  event(payload: FormattedExecutionResult): void;
  end(reason?: SubscriptionEnded): void;
}

/** The sockets to subgraphs on behalf of one client: one a subgraph, open while it has a subscription. */
export interface Upstreams {
  /** @returns how to leave; nothing reaches the sink afterwards. */
  subscribe(subgraph: string, url: string, payload: SubscribePayload, sink: UpstreamSink): () => void;
}

/** How long a lost subgraph is waited for: attempts, the pauses between them doubling up to `longestPauseMs`. */
export interface Patience {
  readonly attempts: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

const keepAliveMs = 10_000;

/** A subgraph's socket, and how often in a row it was closed with a fault of the subgraph's, no event between. */
interface Upstream {
  readonly client: Client;
  faults: number;
}

/** @param options.authorization of the client, forwarded as the connection's payload. */
export function createUpstreams(options: {
  authorization: string | undefined;
  patience: Patience;
  logger: Logger;
}): Upstreams {
  const { authorization, patience, logger } = options;
  const upstreams = new Map<string, Upstream>();

  function upstreamOf(subgraph: string, url: string): Upstream {
    const known = upstreams.get(url);
    if (known) return known;
    const mayComeBack = () => {
      upstream.faults += 1;
      return upstream.faults <= patience.attempts;
    };
    const client = createClient({
      url: subscriptionUrl(url),
      webSocketImpl: upstreamSocket(mayComeBack),
      connectionParams: authorization === undefined ? {} : { authorization },
      connectionAckWaitTimeout: 5_000,
      keepAlive: keepAliveMs,
      retryAttempts: patience.attempts,
      // The library begins to count anew when it is acknowledged, which may be just before the next fault.
      retryWait: (retries) => pause(Math.max(retries, upstream.faults - 1), patience),
      shouldRetry: (reason) => !isRefusal(reason),
      on: {
        ...hangUpOnSilence(),
        closed: (event) => {
          logger.debug({ subgraph, code: closeCode(event) }, 'the socket to a subgraph closed');
        },
      },
    });
    const upstream: Upstream = { client, faults: 0 };
    upstreams.set(url, upstream);
    return upstream;
  }

  return {
    subscribe(subgraph, url, payload, sink) {
      let left = false;
      const upstream = upstreamOf(subgraph, url);
      const leave = upstream.client.subscribe(payload, {
        next: (event) => {
          upstream.faults = 0;
          if (!left) sink.event(event as FormattedExecutionResult);
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
    },
  };
}

/** A socket whose other end vanished without a goodbye is closed when a ping stays unanswered, and then retried. */
function hangUpOnSilence() {
  let socket: WebSocket | undefined;
  let silence: NodeJS.Timeout | undefined;
  return {
    opened: (opened: unknown) => {
      socket = opened as WebSocket;
      socket.once('close', () => {
        clearTimeout(silence);
      });
    },
    ping: (received: boolean) => {
      if (received) return;
      const asked = socket;
      silence = setTimeout(() => asked?.terminate(), keepAliveMs / 2);
    },
    pong: (received: boolean) => {
      if (received) clearTimeout(silence);
    },
  };
}

/** Doubling, with up to a third more by chance, so that many subscribers do not come back in one instant. */
function pause(retries: number, { firstPauseMs, longestPauseMs }: Patience): Promise<void> {
  const base = Math.min(firstPauseMs * 2 ** retries, longestPauseMs);
  return new Promise((resolve) => setTimeout(resolve, base * (1 + Math.random() / 3)));
}

/** Close codes of the 4400s say that this client is at fault: asking again would be answered alike. */
function isRefusal(reason: unknown): boolean {
  const code = closeCode(reason);
  return code !== undefined && code >= 4400 && code < 4500 && code !== 4408;
}

function closeCode(reason: unknown): number | undefined {
  const code = typeof reason === 'object' && reason !== null && 'code' in reason ? reason.code : undefined;
  return typeof code === 'number' ? code : undefined;
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
