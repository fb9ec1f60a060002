/** `stored` as ClickHouse writes it (`2026-11-21 10:00:00.000000`, UTC), and as statements and headers do. */

export const isoOfStored = (stored: string): string => `${stored.replace(' ', 'T')}Z`;

/** @param iso UTC, with microseconds */
export const storedOfIso = (iso: string): string => iso.replace('T', ' ').slice(0, -1);

/** To the millisecond. */
export const instantOfStored = (stored: string): Date => new Date(isoOfStored(stored));
