/** Hands items from those who fetch to the one who iterates, one at a time: nobody runs ahead of the reader. */
export interface Handover<T> {
  /** Resolves when the item has been taken, or when all is over. */
  put(item: T): Promise<void>;
  items(): AsyncGenerator<T, void, undefined>;
  ended(): boolean;
  end(): void;
  /** Ends, and lets the reader's iteration reject. */
  fail(error: unknown): void;
}

interface Offer<T> {
  readonly item: T;
  readonly taken: () => void;
}

export function createHandover<T>(signal: AbortSignal): Handover<T> {
  const offers: Offer<T>[] = [];
  let over = signal.aborted;
  let failure: { readonly error: unknown } | undefined;
  let wake: () => void = () => undefined;
  const end = () => {
    over = true;
    for (const { taken } of offers.splice(0)) taken();
    wake();
  };
  signal.addEventListener('abort', end);

  async function* items(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const offer = offers.shift();
      if (offer !== undefined) {
        try {
          yield offer.item;
        } finally {
          // Also where the reader leaves while it has the item: whoever offered it would wait for ever.
          offer.taken();
        }
      } else if (over) {
        if (failure !== undefined) throw failure.error;
        return;
      } else {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
  }

  return {
    put: (item) =>
      new Promise((taken) => {
        if (over) {
          taken();
          return;
        }
        offers.push({ item, taken });
        wake();
      }),
    items,
    ended: () => over,
    end,
    fail: (error) => {
      failure ??= { error };
      end();
    },
  };
}
