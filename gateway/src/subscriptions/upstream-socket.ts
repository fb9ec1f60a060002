import { WebSocket, type RawData } from 'ws';

const largestEvent = 16 * 1024 * 1024;
const internalServerError = 4500;
const unauthorized = 4401;
const tryAgainLater = 1013;

/** What the owner of an upstream's sockets decides, and is told. */
export interface UpstreamSocketOptions {
  /** Whether a subgraph that closed with a fault of its own may be asked again. */
  mayComeBack(): boolean;
  /** Whether the token that a subgraph refused has been renewed since. */
  isOutdated(): boolean;
  /** Called before the message is handed on. */
  received(bytes: number): void;
}

/**
 * The sockets on which a graphql-ws client speaks to a subgraph.
 *
 * To the library, 4500 and 4401 are the end for good, whatever `shouldRetry` says. A subgraph answers 4500 while it has
 * no keys to verify tokens with, as after a restart before identity is back: as long as `mayComeBack()` is true the
 * library hears 1013 instead, which it retries. So it does for 4401, where a newer token can be shown.
 */
export function upstreamSocket(owner: UpstreamSocketOptions) {
  const isRetried = (code: unknown) =>
    (code === internalServerError && owner.mayComeBack()) || (code === unauthorized && owner.isOutdated());

  return class UpstreamSocket extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol, { perMessageDeflate: false, handshakeTimeout: 5_000, maxPayload: largestEvent });
    }

    override emit(event: string | symbol, ...values: unknown[]): boolean {
      if (event === 'message') owner.received(sizeOf(values[0] as RawData));
      const [code, ...others] = values;
      if (event !== 'close' || !isRetried(code)) return super.emit(event, ...values);
      return super.emit(event, tryAgainLater, ...others);
    }
  };
}

function sizeOf(message: RawData): number {
  if (Array.isArray(message)) return message.reduce((sum, part) => sum + part.byteLength, 0);
  return message.byteLength;
}
