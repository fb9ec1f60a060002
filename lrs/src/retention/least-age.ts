/**
 * No statement is dropped that was stored within this time: it may still be on its way. Records asks for a day at least
 * (docs/decisions/0038); clocks may be apart.
 */
export const leastAgeMs = 12 * 60 * 60_000;
