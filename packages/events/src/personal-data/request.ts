import type { EventData } from '../contracts/generated/event-data.ts';

export type PersonalDataPiece = EventData['personal-data.piece'];
export type PersonalDataDone = EventData['personal-data.done'];
export type PersonalDataReport = PersonalDataDone['report'][number];

/** What is asked of a service, and by which event: one that is new tries again what failed. */
export type PersonalDataRequest = EventData['personal-data.requested'] & { readonly eventId: string };

/** The values of `$1` to `$4` (tables.ts). */
export const valuesOf = ({ organisationId, userId, emails, requestedAt }: PersonalDataRequest) =>
  [organisationId, userId, [...emails], requestedAt] as const;

/** PostgreSQL wants a type for each value, also where a condition has no use for it. */
export const typedValues =
  '$1::text IS NOT NULL AND $2::text IS NOT NULL AND $3::text[] IS NOT NULL AND $4::text::timestamptz IS NOT NULL';
