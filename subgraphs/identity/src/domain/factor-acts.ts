import type { MembershipKey } from '../store/memberships.ts';
import type { Store } from '../store/store.ts';
import { tellOfChange } from './account-notices.ts';
import { recordAct, type Actor, type AuditEntry } from './audit.ts';

/** What is recorded of the ways in which a membership logs in. */
export type FactorAct =
  'totp.enrol' | 'totp.remove' | 'recovery-code.use' | 'recovery-codes.renew' | 'second-factors.reset';

/** Records it, and mails the person that it was done: whoever did it may be somebody else. Call it last. */
export async function recordFactorAct(
  tx: Store,
  act: FactorAct,
  { organisationId, userId: subjectId }: MembershipKey,
  by: Actor,
  changes: AuditEntry['changes'] = {},
): Promise<void> {
  await tellOfChange(tx, { organisationId, userId: subjectId }, act);
  await recordAct(tx, { act, by, organisationId, subjectId, changes });
}
