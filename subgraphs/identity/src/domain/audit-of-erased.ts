import { idPrefix } from '@lyceum/service';
import type { AuditedAct } from './audit.ts';

/** Fields that say what somebody might do, and not who they are. */
const impersonal = new Set([
  'roles',
  'permissions',
  'methods',
  'grant',
  'job',
  'state',
  'expiresAt',
  'required',
]);

/**
 * An act as it is shown once somebody in it was erased. The log keeps it whole: each row is chained to the next, and who
 * has to look into it (`npm run audit`) finds it so. The graph shows no more than what was done.
 *
 * @param erased the ids of those who were
 */
export function shownAct(act: AuditedAct, erased: ReadonlySet<string>): AuditedAct {
  const { actor, subjectId, changes } = act;
  const byErased = actor.id !== null && erased.has(actor.id);
  const ofErased = subjectId !== null && erased.has(subjectId);
  // What they did to other people is about those; what they did to things of theirs is about them.
  const tells = ofErased || (byErased && idPrefix(subjectId ?? '') !== 'user');
  return {
    ...act,
    client: byErased ? null : act.client,
    changes: tells
      ? Object.fromEntries(Object.entries(changes).filter(([field]) => impersonal.has(field)))
      : changes,
  };
}
