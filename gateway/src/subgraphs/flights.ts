interface Flight {
  readonly startedAt: number;
  readonly answer: Promise<string>;
}

/** Identical reads that are under way at the same time share one fetch. */
export interface Flights {
  /**
   * The answer of the flight with this key, or of `start()` if none is under way.
   *
   * @param notBefore `performance.now()`: a flight that began earlier may not know what the caller has already seen.
   */
  join(key: string, start: () => Promise<string>, notBefore?: number): Promise<string>;
  /** Nobody may join the flights that are now under way: something was written that they may not have seen. */
  forget(): void;
}

export function createFlights(): Flights {
  const flights = new Map<string, Flight>();

  return {
    join(key, start, notBefore = 0) {
      const underWay = flights.get(key);
      if (underWay && underWay.startedAt >= notBefore) return underWay.answer;
      const flight = { startedAt: performance.now(), answer: start() };
      flights.set(key, flight);
      const land = () => {
        if (flights.get(key) === flight) flights.delete(key);
      };
      flight.answer.then(land, land);
      return flight.answer;
    },
    forget() {
      flights.clear();
    },
  };
}
