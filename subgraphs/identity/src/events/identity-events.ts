import { grantEvents } from './grant-events.ts';
import { groupEvents } from './group-events.ts';
import { lrsKeyEvents } from './lrs-key-events.ts';
import { memberEvents } from './member-events.ts';
import { organisationEvents } from './organisation-events.ts';
import { privacyEvents } from './privacy-events.ts';
import { revocationEvents } from './revocation-events.ts';

export type IdentityEvents = typeof identityEvents;

/** What identity tells the others, written to the outbox of the transaction that `tx` belongs to. */
export const identityEvents = {
  ...organisationEvents,
  ...memberEvents,
  ...groupEvents,
  ...grantEvents,
  ...revocationEvents,
  ...privacyEvents,
  ...lrsKeyEvents,
};
