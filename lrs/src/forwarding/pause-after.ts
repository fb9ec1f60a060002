const firstMs = 1_000;
const longestMs = 5 * 60_000;

/**
 * How long to wait after so many failures in a row: twice as long each time, up to five minutes, and by chance up to a half
 * less, so that not all come back at once. Longer where the other store asks for it (Retry-After).
 */
export function pauseAfter(attempts: number, retryAfterMs = 0, random = Math.random): number {
  const whole = Math.min(firstMs * 2 ** Math.min(attempts - 1, 20), longestMs);
  return Math.max(Math.round(whole * (0.5 + random() / 2)), retryAfterMs);
}
