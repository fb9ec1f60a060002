import { createClient, type Client, type ConnectionInitMessage } from 'graphql-ws';
import { createObservable, type Observable } from '../observable.ts';
import type { Session } from '../session/session.ts';
import { createBackOff } from './back-off.ts';
import { closeCodeOf } from './close-reason.ts';
import { createTokenRenewal, type OpenSocket } from './token-renewal.ts';

/** Where the one socket of a client stands. It is opened by the first subscription, and closed after the last. */
export type ConnectionState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting' }
  | { readonly status: 'connected' }
  /** Lost; the next attempt is made at `retryAt`, in milliseconds of `Date.now()`. */
  | { readonly status: 'waiting'; readonly retryAt: number; readonly closeCode: number | undefined };

/** One socket for all subscriptions. It does not resume anything by itself. */
export interface LiveSocket {
  readonly state: Observable<ConnectionState>;
  readonly client: Client;
  /** Resolves when the next attempt may be made. */
  turn(): Promise<void>;
  /** Holds the next attempts up: what was asked for over an open socket is not to be had at the moment. */
  pause(): void;
  /** Resolves once it is open, and what was begun before has been sent. */
  sent(): Promise<void>;
  /** Says that there is something to connect for. @returns to be called when there is no more */
  use(): () => void;
  /** The token that the socket was opened with, or that it was shown last. */
  shownToken(): string | undefined;
  /** Begins anew; whoever has a subscription is told as of a loss. */
  restart(): void;
  close(): void;
}

export interface LiveSocketOptions {
  readonly url: string;
  readonly session: Session;
  /** The constructor. */
  readonly webSocket: unknown;
  /** How long before the end of a token the next one is shown. */
  readonly marginMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Between two pings; a gateway that does not answer half as long is given up. */
  readonly keepAliveMs: number;
}

interface ListenedSocket extends OpenSocket {
  addEventListener(type: 'error', listener: () => void): void;
}

export function createLiveSocket(options: LiveSocketOptions): LiveSocket {
  const { session, keepAliveMs } = options;
  const state = createObservable<ConnectionState>({ status: 'idle' });
  const backOff = createBackOff({ firstMs: options.firstPauseMs, longestMs: options.longestPauseMs });
  const renewal = createTokenRenewal(options);
  let users = 0;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let isStale = false;

  const client = createClient({
    url: options.url,
    webSocketImpl: options.webSocket,
    lazyCloseTimeout: 1_000,
    keepAlive: keepAliveMs,
    connectionAckWaitTimeout: 15_000,
    // Each subscription connects again by itself: with another `after` than the first time.
    retryAttempts: 0,
    connectionParams,
    on: {
      connecting: () => {
        isStale = false;
        state.set({ status: 'connecting' });
      },
      // Of a socket that is given up nobody else takes the errors, and Node would end the process.
      opened: (socket) => {
        (socket as ListenedSocket).addEventListener('error', () => undefined);
      },
      connected: (socket) => {
        backOff.connected();
        renewal.opened(socket as OpenSocket);
        state.set({ status: 'connected' });
        if (isStale) restart();
      },
      ping: (received) => {
        if (!received) silence = setTimeout(restart, keepAliveMs / 2);
      },
      message: () => {
        clearTimeout(silence);
      },
      // A connection that does not come about has an error first, and is closed then.
      error: () => {
        lost(undefined);
      },
      closed: (event) => {
        lost(closeCodeOf(event));
      },
    },
  });

  /** Must not fail: where no token can be had now, the one of before is refused, and renewed in peace. */
  async function connectionParams(): Promise<ConnectionInitMessage['payload']> {
    const token = await session.token().catch(() => session.current()?.accessToken);
    renewal.shown(token);
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** One that is being opened can't be closed well: it is as soon as it is open. */
  function restart(): void {
    if (state.current().status === 'connected') client.terminate();
    else isStale = true;
  }

  function lost(closeCode: number | undefined): void {
    const { status } = state.current();
    if (status === 'idle' || status === 'waiting') return;
    clearTimeout(silence);
    renewal.closed();
    const pauseMs = backOff.lost();
    // Where nobody has anything to wait for, it was closed because nothing was left to do.
    state.set(
      users === 0 ? { status: 'idle' } : { status: 'waiting', retryAt: Date.now() + pauseMs, closeCode },
    );
  }

  function connected(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (state.current().status !== 'connected') return;
        stop();
        resolve();
      };
      const stop = state.onChange(look);
      look();
    });
  }

  return {
    state,
    client,
    turn: backOff.turn,
    pause: backOff.pause,
    async sent() {
      await connected();
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    use() {
      users += 1;
      return () => {
        users -= 1;
      };
    },
    shownToken: renewal.token,
    restart,
    close() {
      backOff.close();
      renewal.closed();
      clearTimeout(silence);
      void Promise.resolve(client.dispose()).catch(() => undefined);
    },
  };
}
