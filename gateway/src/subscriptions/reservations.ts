import { randomBytes } from 'node:crypto';
import type { Connection } from './connection.ts';
import type { HttpStream } from './http-stream.ts';
import type { Guest } from './presence.ts';

/** A place for one event stream, from when it is reserved until the stream ends. */
export interface Reservation {
  readonly token: string;
  readonly connection: Connection;
  /** Undefined until it has been opened. */
  readonly stream: HttpStream | undefined;
  /** Resolves when the stream can be written to; undefined where it never will. */
  readonly opened: Promise<HttpStream | undefined>;
  /** Fulfils it: only once. */
  open(stream: HttpStream): void;
  /** Ends all that runs for it, and forgets it. */
  end(): void;
}

/** The event streams of single connection mode: those that are open, and those that are only reserved. */
export interface Reservations {
  reserve(guest: Guest, connect: (reservation: () => Reservation) => Connection): Reservation;
  find(token: string): Reservation | undefined;
  endAll(): void;
}

/** @param reservedMs one that is not opened by then is given up */
export function createReservations(reservedMs: number): Reservations {
  const reservations = new Map<string, Reservation>();

  return {
    reserve(guest, connect) {
      const token = randomBytes(24).toString('base64url');
      let stream: HttpStream | undefined;
      let settle: (stream: HttpStream | undefined) => void = () => undefined;
      const opened = new Promise<HttpStream | undefined>((resolve) => {
        settle = resolve;
      });
      const givenUp = setTimeout(() => {
        reservation.end();
      }, reservedMs);
      givenUp.unref();
      const reservation: Reservation = {
        token,
        connection: connect(() => reservation),
        opened,
        get stream() {
          return stream;
        },
        open(given) {
          clearTimeout(givenUp);
          stream = given;
          settle(given);
          given.onOver(() => {
            reservation.end();
          });
        },
        end() {
          if (!reservations.delete(token)) return;
          clearTimeout(givenUp);
          settle(undefined);
          reservation.connection.end();
          stream?.end();
          guest.leave();
        },
      };
      reservations.set(token, reservation);
      return reservation;
    },
    find: (token) => reservations.get(token),
    endAll() {
      for (const reservation of [...reservations.values()]) reservation.end();
    },
  };
}
