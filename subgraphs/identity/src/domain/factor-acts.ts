import type { MembershipKey } from '../store/memberships.ts';
import type { Store } from '../store/store.ts';
import { recordAct, type Actor, type AuditEntry } from './audit.ts';

/** What is recorded of the ways in which a membership logs in. */
export type FactorAct =
  'totp.enrol' | 'totp.remove' | 'recovery-code.use' | 'recovery-codes.renew' | 'second-factors.reset';

export function recordFactorAct(
  tx: Store,
  act: FactorAct,
  { organisationId, userId: subjectId }: MembershipKey,
  by: Actor,
  changes: AuditEntry['changes'] = {},
): Promise<void> {
  return recordAct(tx, { act, by, organisationId, subjectId, changes });
}
