import type { ConnectionSource } from '@lyceum/graphql';
import type { Viewer } from '@lyceum/service';
import type { AuditEvent, AuditSelection } from '../store/audit-events.ts';
import type { Database } from '../store/store.ts';
import type { AuditedAct } from './audit.ts';

export type AuditEventRow = AuditEvent;

export interface AuditFilter {
  readonly actorId?: string | null | undefined;
  readonly subjectId?: string | null | undefined;
  readonly act?: string | null | undefined;
  readonly outcome?: 'DONE' | 'REFUSED' | null | undefined;
  readonly since?: Date | null | undefined;
  readonly until?: Date | null | undefined;
}

export type AuditLog = ReturnType<typeof createAuditLog>;

/** The acts of the viewer's organisation, for those who may read them. */
export function createAuditLog({ store }: { store: Database }) {
  return {
    listed(viewer: Viewer, filter: AuditFilter): ConnectionSource<AuditEvent> {
      const selection = selectionOf(viewer, filter);
      return {
        rows: (page) => store.auditEvents.selectPage(selection, page),
        key: ({ sequence }) => [sequence.toString()],
        count: () => store.auditEvents.count(selection),
      };
    },
  };
}

function selectionOf({ organisationId }: Viewer, filter: AuditFilter): AuditSelection {
  return {
    organisationId,
    actorId: filter.actorId ?? undefined,
    subjectId: filter.subjectId ?? undefined,
    act: filter.act ?? undefined,
    outcome: filter.outcome ?? undefined,
    since: filter.since ?? undefined,
    until: filter.until ?? undefined,
  };
}

/** What the row tells in full. */
export const auditedAct = ({ event }: AuditEvent): AuditedAct => JSON.parse(event) as AuditedAct;
