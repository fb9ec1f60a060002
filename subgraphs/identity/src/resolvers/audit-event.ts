import { auditedAct } from '../domain/audit-log.ts';
import type { AuditEventResolvers, AuditOutcome } from '../generated/resolver-types.ts';

export const AuditEvent: AuditEventResolvers = {
  sequence: ({ sequence }) => Number(sequence),

  outcome: ({ outcome }) => outcome as AuditOutcome,

  reason: (row) => auditedAct(row).reason,

  actor: ({ actorId }, _args, { load }) => (actorId === null ? null : load.user.load(actorId)),

  actorKind: (row) => auditedAct(row).actor.kind,

  sessionId: (row) => auditedAct(row).actor.sessionId,

  onBehalfOf: (row, _args, { load }) => {
    const { onBehalfOf } = auditedAct(row);
    return onBehalfOf === null ? null : load.user.load(onBehalfOf);
  },

  changes: (row) =>
    Object.entries(auditedAct(row).changes).map(([field, [before, after]]) => ({
      field,
      before: JSON.stringify(before),
      after: JSON.stringify(after),
    })),

  clientAddress: (row) => auditedAct(row).client?.address ?? null,

  userAgent: (row) => auditedAct(row).client?.userAgent ?? null,

  requestId: (row) => auditedAct(row).requestId,
};
