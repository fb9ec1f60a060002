/** Lets a fixed number of holders in at once, first come, first served. Places are numbered from 0. */
export interface Gate {
  readonly size: number;
  /** Resolves with a place; rejects with the signal's reason when the caller gives up waiting. */
  enter(signal: AbortSignal): Promise<Place>;
}

/** A place inside; leave it once. */
export interface Place {
  readonly number: number;
  leave(): void;
}

/** A gate with `size` places. */
export function createGate(size: number): Gate {
  const free = Array.from({ length: size }, (_, index) => size - 1 - index);
  const waiting = new Set<(place: Place) => void>();

  function placeAt(number: number): Place {
    return {
      number,
      leave: () => {
        handOn(number);
      },
    };
  }
  function handOn(number: number): void {
    const [next] = waiting;
    if (next === undefined) free.push(number);
    else {
      waiting.delete(next);
      next(placeAt(number));
    }
  }
  function enter(signal: AbortSignal): Promise<Place> {
    signal.throwIfAborted();
    const number = free.pop();
    if (number !== undefined) return Promise.resolve(placeAt(number));
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        waiting.delete(admit);
        reject(signal.reason as Error);
      };
      const admit = (place: Place): void => {
        signal.removeEventListener('abort', giveUp);
        resolve(place);
      };
      waiting.add(admit);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
  return { size, enter };
}
