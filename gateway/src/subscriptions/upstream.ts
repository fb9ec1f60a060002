import type { Logger } from '@lyceum/service';
import { createClient, MessageType, stringifyMessage, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { subscriptionUrl } from '../subgraphs/addresses.ts';
import { upstreamSocket } from './upstream-socket.ts';

/** How long a lost subgraph is waited for: attempts, the pauses between them doubling up to `longestPauseMs`. */
export interface Patience {
  readonly attempts: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/** One client's socket to one subgraph, opened and opened again while it has subscriptions. */
export interface Upstream {
  readonly client: Client;
  /** Bytes of the message that is being handled. */
  readonly messageBytes: number;
  /** To be told of each event: the subgraph is well. */
  delivered(): void;
  /** Shows the subgraph the client's token of now, on the open socket. */
  renew(): void;
}

const keepAliveMs = 10_000;

/** @param options.authorization of the client, as it is now; forwarded as the connection's payload */
export function createUpstream(options: {
  subgraph: string;
  url: string;
  authorization: () => string | undefined;
  patience: Patience;
  logger: Logger;
}): Upstream {
  const { subgraph, authorization, patience, logger } = options;
  let socket: WebSocket | undefined;
  let messageBytes = 0;
  /** How often in a row it was closed with a fault of the subgraph's, no event between. */
  let faults = 0;
  let shown: string | undefined;

  const isOutdated = () => shown !== authorization();
  const payload = () => {
    const current = authorization();
    return current === undefined ? {} : { authorization: current };
  };
  const webSocketImpl = upstreamSocket({
    mayComeBack: () => {
      faults += 1;
      return faults <= patience.attempts;
    },
    isOutdated,
    received: (bytes) => {
      messageBytes = bytes;
    },
  });

  const client = createClient({
    url: subscriptionUrl(options.url),
    webSocketImpl,
    connectionParams: () => {
      shown = authorization();
      return payload();
    },
    connectionAckWaitTimeout: 5_000,
    keepAlive: keepAliveMs,
    retryAttempts: patience.attempts,
    // The library begins to count anew when it is acknowledged, which may be just before the next fault.
    retryWait: (retries) => pause(Math.max(retries, faults - 1), patience),
    shouldRetry: (reason) => !isRefusal(reason) || isOutdated(),
    on: {
      ...hangUpOnSilence((opened) => {
        socket = opened;
      }),
      closed: (event) => {
        logger.debug({ subgraph, code: closeCode(event) }, 'the socket to a subgraph closed');
      },
    },
  });

  return {
    client,
    get messageBytes() {
      return messageBytes;
    },
    delivered() {
      faults = 0;
    },
    // A subgraph that knows nothing of it closes when the first token ends, if at all, and is shown the new one then.
    renew() {
      if (socket?.readyState !== WebSocket.OPEN) return;
      socket.send(stringifyMessage({ type: MessageType.Ping, payload: payload() }));
    },
  };
}

/** A socket whose other end vanished without a goodbye is closed when a ping stays unanswered, and then retried. */
function hangUpOnSilence(onOpened: (socket: WebSocket) => void) {
  let socket: WebSocket | undefined;
  let silence: NodeJS.Timeout | undefined;
  return {
    opened: (opened: unknown) => {
      socket = opened as WebSocket;
      socket.once('close', () => {
        clearTimeout(silence);
      });
      onOpened(socket);
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

export function closeCode(reason: unknown): number | undefined {
  const code = typeof reason === 'object' && reason !== null && 'code' in reason ? reason.code : undefined;
  return typeof code === 'number' ? code : undefined;
}
