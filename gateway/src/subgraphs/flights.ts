interface Flight {
  readonly startedAt: number;
  readonly answer: Promise<unknown>;
}

/** Identical reads that are under way at the same time share one fetch. */
export interface Flights {
  /**
   * The answer of the flight with this key, or of `start()` if none is under way. A key says what it is of.
   *
   * @param notBefore `performance.now()`: a flight that began earlier may not know what the caller has already seen.
   */
  join<T>(key: string, start: () => Promise<T>, notBefore?: number): Promise<T>;
  /** Nobody may join the flights that are now under way: something was written that they may not have seen. */
  forget(): void;
}

export function createFlights(): Flights {
  const flights = new Map<string, Flight>();

  return {
    join<T>(key: string, start: () => Promise<T>, notBefore = 0) {
      const underWay = flights.get(key);
      if (underWay && underWay.startedAt >= notBefore) return underWay.answer as Promise<T>;
      const startedAt = performance.now();
      const answer = start();
      const flight: Flight = { startedAt, answer };
      flights.set(key, flight);
      const land = () => {
        if (flights.get(key) === flight) flights.delete(key);
      };
      answer.then(land, land);
      return answer;
    },
    forget() {
      flights.clear();
    },
  };
}
