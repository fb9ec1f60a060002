/** What `read` answers, read once for all who ask within `ms`; what failed is asked again. */
export function remembered<T>(ms: number, read: () => Promise<T>, now: () => number = Date.now) {
  let last: { at: number; value: Promise<T> } | undefined;
  return (): Promise<T> => {
    if (last !== undefined && now() - last.at < ms) return last.value;
    const value = read();
    const reading = { at: now(), value };
    last = reading;
    value.catch(() => {
      if (last === reading) last = undefined;
    });
    return value;
  };
}
