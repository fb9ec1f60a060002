import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { DocumentNode } from 'graphql';
import { RequestFailed } from './errors.ts';
import { createLiveSocket, type ConnectionState } from './live/live-socket.ts';
import { subscribe, type Gap, type LiveSink } from './live/subscribe.ts';
import type { Observable } from './observable.ts';
import {
  globals,
  localStorageOptional,
  memoryStorage,
  type Fetch,
  type KeyValueStorage,
} from './platform.ts';
import { createPost } from './requests/post.ts';
import { createRequest, type Request } from './requests/request.ts';
import { createIdentity } from './session/identity.ts';
import { createSession, type Session } from './session/session.ts';

/** The graph, for who is logged in. */
export interface LyceumClient {
  readonly session: Session;
  /** Where the socket of the subscriptions stands, for a sign that the page is not live at the moment. */
  readonly connection: Observable<ConnectionState>;
  /** What the graph answers, errors and all. @throws Unreachable, SessionEnded */
  readonly request: Request;
  /** The data. @throws RequestFailed where there is any error; Unreachable; SessionEnded */
  ask<Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Data>;
  /** See live/subscribe.ts. @returns how to leave @throws Error where there is no WebSocket */
  subscribe<Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables> | DocumentNode,
    variables: Variables,
    sink: LiveSink<Data>,
  ): () => void;
  /** Called at the gap of any subscription. @returns how to stop listening */
  onGap(listener: (gap: Gap) => void): () => void;
  /** Ends all subscriptions; the session stays in its storage. */
  close(): void;
}

export interface LyceumClientOptions {
  /** The gateway: `https://learn.example.org/graphql`. */
  readonly url: string;
  /** Absent: the same with ws in the place of http. */
  readonly webSocketUrl?: string;
  /** Where the session is kept. Absent: `localStorage`, which all tabs share; memory, where there is none. */
  readonly storage?: KeyValueStorage;
  /** Its name there, for two clients of one origin. */
  readonly storageName?: string;
  readonly fetch?: Fetch;
  /** The constructor; Node before 22 has none of its own: pass that of the package ws. */
  readonly webSocket?: unknown;
  /** How long before its end an access token is renewed. */
  readonly renewalMarginMs?: number;
  /** How long a query or a mutation may take. */
  readonly timeoutMs?: number;
  /** Pauses before connecting again, doubling from the first to the longest. */
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
  readonly keepAliveMs?: number;
}

export function createLyceumClient(options: LyceumClientOptions): LyceumClient {
  const { url, renewalMarginMs: marginMs = 30_000, timeoutMs = 30_000 } = options;
  const webSocket = options.webSocket ?? globals().WebSocket;
  const fetch: Fetch = options.fetch ?? ((to, init) => theFetch()(to, init));
  const post = createPost({ url, fetch, timeoutMs });
  const session = createSession({
    identity: createIdentity(post),
    storage: options.storage ?? localStorageOptional() ?? memoryStorage(),
    name: options.storageName ?? 'lyceum.session',
    marginMs,
  });
  const request = createRequest(post, session);
  const gapListeners = new Set<(gap: Gap) => void>();
  const leaving = new Set<() => void>();
  const socket = createLiveSocket({
    url: options.webSocketUrl ?? url.replace(/^http/, 'ws'),
    session,
    webSocket: webSocket ?? noWebSocket,
    marginMs,
    firstPauseMs: options.firstPauseMs ?? 250,
    longestPauseMs: options.longestPauseMs ?? 10_000,
    keepAliveMs: options.keepAliveMs ?? 10_000,
  });
  restartForSomebodyElse(session, () => {
    socket.restart();
  });

  return {
    session,
    connection: socket.state,
    request,
    async ask(document, variables, { signal } = {}) {
      const { data, errors } = await request<never>(document, variables, signal);
      if (errors || data == null) throw new RequestFailed(errors ?? []);
      return data;
    },
    subscribe(document, variables, sink) {
      if (webSocket === undefined) throw new Error('There is no WebSocket here: pass one as `webSocket`.');
      const leave = subscribe({
        socket,
        session,
        document,
        variables: { ...variables } as Record<string, unknown>,
        sink,
        onGap: (gap) => {
          for (const listener of [...gapListeners]) listener(gap);
        },
      });
      const leaveOnce = () => {
        leaving.delete(leaveOnce);
        leave();
      };
      leaving.add(leaveOnce);
      return leaveOnce;
    },
    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },
    close() {
      for (const leave of [...leaving]) leave();
      socket.close();
      session.close();
    },
  };
}

/** For programs that only ask: graphql-ws wants to know the constructor at once. */
const noWebSocket = Object.assign(() => undefined, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 });

function theFetch(): Fetch {
  const { fetch } = globals();
  if (!fetch) throw new Error('There is no fetch here: pass one.');
  return (url, init) => fetch.call(globalThis, url, init);
}

/** What a socket was opened with says who it is. */
function restartForSomebodyElse(session: Session, restart: () => void): void {
  let key = keyOf(session);
  session.state.onChange(() => {
    if (keyOf(session) === key) return;
    key = keyOf(session);
    restart();
  });
}

function keyOf({ state }: Session): string | undefined {
  const now = state.current();
  return now.status === 'logged-in' ? now.key : undefined;
}
