import type { Session } from '../session/session.ts';

/** Keeps an open socket's token good. */
export interface TokenRenewal {
  /** With which token the socket is being opened. */
  shown(token: string | undefined): void;
  readonly token: () => string | undefined;
  opened(socket: OpenSocket): void;
  closed(): void;
}

export interface OpenSocket {
  readonly readyState: number;
  send(text: string): void;
}

const open = 1;
const shortestPauseMs = 500;
/** As long as timers reach. */
const longestPauseMs = 2 ** 31 - 1;

/**
 * Shows the gateway a new token before the current one ends, by a ping (docs/decisions/0042), so that what runs misses
 * nothing. Where that fails, the socket ends with its token (4403), and what runs goes on by the next socket.
 */
export function createTokenRenewal({
  session,
  marginMs,
}: {
  session: Session;
  marginMs: number;
}): TokenRenewal {
  let socket: OpenSocket | undefined;
  let shown: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function renew(): Promise<void> {
    const renewing = socket;
    const next = await session.tokenInsteadOf(shown).catch(() => undefined);
    if (socket !== renewing || socket?.readyState !== open) return;
    if (next !== undefined && next !== shown) {
      socket.send(JSON.stringify({ type: 'ping', payload: { authorization: `Bearer ${next}` } }));
      shown = next;
    }
    schedule();
  }

  function schedule(): void {
    clearTimeout(timer);
    const end = session.current()?.until;
    if (end === undefined || shown === undefined) return;
    const left = Math.max(end - Date.now() - marginMs, shortestPauseMs);
    timer = setTimeout(() => void renew(), Math.min(left, longestPauseMs));
  }

  return {
    shown(token) {
      shown = token;
    },
    token: () => shown,
    opened(opened) {
      socket = opened;
      schedule();
    },
    closed() {
      socket = undefined;
      clearTimeout(timer);
    },
  };
}
