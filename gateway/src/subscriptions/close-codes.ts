import { CloseCode } from 'graphql-ws';

/**
 * With what the gateway closes a socket. Those of 4400 to 4500 are graphql-ws's own
 * (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md), those below 4000 WebSocket's (RFC 6455, 7.4.1).
 */
export const closeCodes = {
  /** The gateway stops: connect again, to another one. */
  goingAway: 1001,
  /** Identity's keys or word can't be had now. */
  tryAgainLater: 1013,
  badRequest: CloseCode.BadRequest,
  unauthorized: CloseCode.Unauthorized,
  /** A token that is refused, expires, or whose session ends; stock clients connect again with a new one. */
  forbidden: CloseCode.Forbidden,
  subprotocolNotAcceptable: CloseCode.SubprotocolNotAcceptable,
  initialisationTimeout: CloseCode.ConnectionInitialisationTimeout,
  subscriberExists: CloseCode.SubscriberAlreadyExists,
  tooManyInitialisations: CloseCode.TooManyInitialisationRequests,
  /** More than the client reads waits for it: subscribe again, from the last cursor. */
  slowConsumer: 4430,
  /** The user has as many connections as they may. */
  tooManyConnections: 4431,
  internalError: CloseCode.InternalServerError,
} as const;

/** A closing frame has room for so many bytes of reason (RFC 6455, 5.5.1). */
const longestReason = 123;

/** Cut where it is too long: ws would throw, and the client would hear of a fault of ours. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= longestReason) return text;
  return new TextDecoder().decode(bytes.subarray(0, longestReason)).replace(/\uFFFD+$/, '');
}
