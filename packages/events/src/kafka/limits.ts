/** An append ends by then, one way or the other: who waits for it has somebody waiting. */
export const APPEND_MS = 25_000;
/** The value and headers of one record; the same as in the embedded log. */
export const MAX_RECORD_BYTES = 8 * 2 ** 20;
/** Of the appends that are sent together, unless one alone is larger. */
export const MAX_GROUP_BYTES = 8 * 2 ** 20;
/** What a broker must take as one batch: a full group and the largest record that may join it, and their overhead. */
export const MAX_BATCH_BYTES = 20 * 2 ** 20;
