/** What clients that stay connected may take, and how long is waited for them. */
export interface LiveLimits {
  /** Connections at a time from one address (of IPv6, from one /64). */
  readonly connectionsPerAddress: number;
  /** Connections at a time of one user or API client. */
  readonly connectionsPerUser: number;
  /** Operations at a time on one connection. */
  readonly operationsPerConnection: number;
  /** Bytes of events, and again of written answers, that may wait for one client. */
  readonly waitingBytes: number;
  /** A WebSocket must be initialised within this. */
  readonly initialisationMs: number;
  /** A reserved event stream must be opened within this. */
  readonly reservationMs: number;
  /** A WebSocket is pinged so often, and cut twice that time after it fell silent at the latest. */
  readonly heartbeatMs: number;
  /** An answer over HTTP whose reader takes nothing for so long is cut. */
  readonly stalledMs: number;
}

export const stockLiveLimits: LiveLimits = {
  // A school's learners come from one address.
  connectionsPerAddress: 1_000,
  connectionsPerUser: 50,
  operationsPerConnection: 100,
  waitingBytes: 4 * 1024 * 1024,
  initialisationMs: 3_000,
  reservationMs: 30_000,
  heartbeatMs: 12_000,
  stalledMs: 30_000,
};
