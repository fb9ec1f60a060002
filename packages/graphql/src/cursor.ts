import { invalid } from '@lyceum/service';

/** The values that a connection is ordered by, the id last: a keyset that names one place in the list. */
export type CursorKey = readonly (string | number | null)[];

/** Opaque to clients, as the Relay specification has it (https://relay.dev/graphql/connections.htm#sec-Cursor). */
export function encodeCursor(key: CursorKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** @throws DomainError INVALID that names the argument. */
export function decodeCursor(argument: string, cursor: string): CursorKey {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.every(isCursorValue)) return key;
  } catch {
    // Not JSON: falls through to the one answer that a forged cursor gets.
  }
  throw invalid([argument], `${argument} is not a cursor that this list gave out.`);
}

function isCursorValue(value: unknown): value is string | number | null {
  return value === null || typeof value === 'string' || typeof value === 'number';
}
