import { notFound, type Viewer } from '@lyceum/service';
import type { Organisation } from '../store/organisations.ts';
import type { Database, Store } from '../store/store.ts';
import { actOn, recordActs, type AuditEntry } from './audit.ts';
import { requireNow } from './require-now.ts';

interface OrganisationChange {
  readonly id: string;
  readonly permission:
    'organisation.create' | 'organisation.suspend' | 'organisation.reinstate' | 'organisation.plan.update';
  /** As the audit log calls it, where that is not the permission's name. */
  readonly act?: AuditEntry['act'];
}

/**
 * One change by the platform of one organisation, which is held against others.
 *
 * @param change writes it, and its row in the audit log by {@link recordInBoth} from the entry that it is given
 * @throws NOT_FOUND, FORBIDDEN
 */
export async function changeOrganisation(
  store: Database,
  viewer: Viewer,
  { id, permission, act = permission }: OrganisationChange,
  change: (tx: Store, before: Organisation, entry: AuditEntry) => Promise<Organisation>,
): Promise<Organisation> {
  const entry = actOn(viewer, act, id);
  return store.transaction(async (tx) => {
    await requireNow(tx, viewer, permission);
    await tx.memberships.lockOrganisation(id);
    const [before] = await tx.organisations.selectMany([id]);
    if (!before) throw notFound('organisation', id, ['input', 'id']);
    return change(tx, before, entry);
  });
}

/** The act of somebody above it is known to the organisation, too. */
export function recordInBoth(tx: Store, entry: AuditEntry, organisationId: string): Promise<void> {
  const both = entry.organisationId === organisationId ? [entry] : [entry, { ...entry, organisationId }];
  return recordActs(tx, both);
}
