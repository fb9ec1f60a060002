/**
 * Values that are handed over one by one to a reader, who may leave at any time by `return()`. An async generator is
 * one; a subscription must not be, since an async generator's `return()` waits for the value that is under way, and
 * would leave a subscription open to which no event ever comes.
 */
export interface Delivery<T> {
  next(): Promise<IteratorResult<T, undefined>>;
  return(value?: undefined): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncIterator](): this;
}

export const over = { done: true, value: undefined } as const;
