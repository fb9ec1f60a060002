import type { Context } from '../context.ts';
import { auditedAct, type AuditEventRow } from '../domain/audit-log.ts';
import { shownAct } from '../domain/audit-of-erased.ts';
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

  changes: async (row, _args, context) =>
    Object.entries((await shown(row, context)).changes).map(([field, [before, after]]) => ({
      field,
      before: JSON.stringify(before),
      after: JSON.stringify(after),
    })),

  clientAddress: async (row, _args, context) => (await shown(row, context)).client?.address ?? null,

  userAgent: async (row, _args, context) => (await shown(row, context)).client?.userAgent ?? null,

  requestId: (row) => auditedAct(row).requestId,
};

/** Without what leads to somebody who was erased. */
async function shown(row: AuditEventRow, { load }: Context) {
  const ids = [row.actorId, row.subjectId].filter((id) => id !== null);
  return shownAct(auditedAct(row), await load.erasedOf(ids));
}
