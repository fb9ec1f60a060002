import type { StatementResultResolvers, StatementScoreResolvers } from '../generated/resolver-types.ts';

export const StatementResult: StatementResultResolvers = {
  extensions: ({ extensions }) => jsonOf(extensions),
};

export const StatementScore: StatementScoreResolvers = {
  scaled: ({ scaled }) => finite(scaled),
  raw: ({ raw }) => finite(raw),
  min: ({ min }) => finite(min),
  max: ({ max }) => finite(max),
};

/** JSON can write numbers that are beyond a Float: 1e400 is read as Infinity, which GraphQL has no way to write. */
export function finite(number: number | undefined): number | null {
  return number !== undefined && Number.isFinite(number) ? number : null;
}

export function jsonOf(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
