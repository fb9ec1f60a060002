import type { ClientOptions } from 'graphql-ws';
import type { Session } from './session.ts';

/** A little less than the time for which the session hands out a token as it is: it is renewed when it is asked. */
const marginMs = 29_000;
const shortestPauseMs = 1_000;

/**
 * Shows the gateway a new token on the open socket before the current one ends (docs/decisions/0042), so that what runs
 * misses nothing. Where that fails, the socket ends with its token, and the next one begins with a new.
 */
export function socketRenewal(session: Session): NonNullable<ClientOptions['on']> {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function renew(): Promise<void> {
    const token = await session.token().catch(() => undefined);
    if (token === undefined || socket?.readyState !== WebSocket.OPEN) return;
    socket.send(JSON.stringify({ type: 'ping', payload: { authorization: `Bearer ${token}` } }));
  }

  function schedule(payload: { expiresAt?: unknown } | undefined): void {
    clearTimeout(timer);
    if (typeof payload?.expiresAt !== 'string') return;
    const left = Date.parse(payload.expiresAt) - Date.now() - marginMs;
    timer = setTimeout(() => void renew(), Math.max(left, shortestPauseMs));
  }

  return {
    connected(opened, payload) {
      socket = opened as WebSocket;
      schedule(payload);
    },
    pong(received, payload) {
      if (received && payload?.['renewed'] === true) schedule(payload);
    },
    closed() {
      clearTimeout(timer);
    },
  };
}
