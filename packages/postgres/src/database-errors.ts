/**
 * Did a write meet a row that a unique constraint protects? `constraint` narrows it to one index, by a column of it.
 * Prisma reports P2002 (https://www.prisma.io/docs/orm/reference/error-reference#p2002).
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!hasCode(error, 'P2002')) return false;
  return constraint === undefined || JSON.stringify(error).includes(constraint);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
