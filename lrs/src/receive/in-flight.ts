import { refusals } from './xapi-error.ts';

/** A bound on the bytes that requests hold, so that overload is refused before anything is accepted. */
export interface InFlight {
  /** @throws XapiError 503 where the bound would be passed. */
  reserve(bytes: number): void;
  release(bytes: number): void;
  readonly bytes: number;
}

export function createInFlight(limit: number): InFlight {
  let bytes = 0;
  return {
    reserve(more) {
      if (bytes + more > limit) throw refusals.overloaded();
      bytes += more;
    },
    release(fewer) {
      bytes -= fewer;
    },
    get bytes() {
      return bytes;
    },
  };
}
