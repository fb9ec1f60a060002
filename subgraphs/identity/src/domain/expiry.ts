import { invalid } from '@lyceum/service';
import { hourMs } from './durations.ts';

/** How long an old secret may go on beside the new one. */
const longestOverlapHours = 30 * 24;

/** When something ends, if ever; it must lie ahead. @throws INVALID */
export function checkedExpiry(field: readonly string[], expiresAt: Date | null | undefined): Date | null {
  if (!expiresAt) return null;
  if (expiresAt.getTime() <= Date.now()) throw invalid(field, 'It must lie in the future.');
  return expiresAt;
}

/** When the secret before ends. @throws INVALID */
export function checkedOverlap(field: readonly string[], hours: number): Date {
  if (hours < 0 || hours > longestOverlapHours)
    throw invalid(field, `The old secret may work for 0 to ${longestOverlapHours} hours more.`);
  return new Date(Date.now() + hours * hourMs);
}
