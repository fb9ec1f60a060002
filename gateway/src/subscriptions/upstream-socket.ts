import { WebSocket } from 'ws';

const largestEvent = 16 * 1024 * 1024;
const internalServerError = 4500;
const tryAgainLater = 1013;

/**
 * The sockets on which a graphql-ws client speaks to a subgraph.
 *
 * To the library, 4500 is the end for good, whatever `shouldRetry` says. A subgraph answers so while it has no keys
 * to verify tokens with, as after a restart before identity is back: as long as `mayComeBack()` is true the library
 * hears 1013 instead, which it retries.
 */
export function upstreamSocket(mayComeBack: () => boolean) {
  return class UpstreamSocket extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol, { perMessageDeflate: false, handshakeTimeout: 5_000, maxPayload: largestEvent });
    }

    override emit(event: string | symbol, ...values: unknown[]): boolean {
      const [code, ...others] = values;
      if (event !== 'close' || code !== internalServerError) return super.emit(event, ...values);
      return super.emit(event, mayComeBack() ? tryAgainLater : code, ...others);
    }
  };
}
