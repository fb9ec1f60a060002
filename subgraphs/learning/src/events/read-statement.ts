import { idPrefix } from '@lyceum/service';
import { activityIdOf, timestampMicros, userIdOf, type Actor, type LoggedStatement } from '@lyceum/xapi';
import { noEvidence } from '../domain/evidence.ts';
import type { HeardStatement } from '../domain/heard-statements.ts';
import { meaningOf } from '../domain/statement-rules.ts';

/**
 * What a statement means for progress; undefined for nothing. Looks at the columns first: the statement's own text is
 * parsed only where its verb and its activity count.
 */
export function readStatement(
  publicUrl: string,
  organisationId: string,
  logged: LoggedStatement,
): HeardStatement | undefined {
  const meaning = meaningOf(logged.verb);
  const itemId = activityIdOf(publicUrl, logged.activity);
  if (!meaning || itemId === null || idPrefix(itemId) !== 'item') return undefined;
  const statement = logged.parse();
  const actor = readActor(publicUrl, statement.actor);
  if (!actor) return undefined;
  const at = happenedAt(statement.timestamp ?? logged.stored, logged.stored);
  return { organisationId, itemId, actor, evidence: { ...noEvidence, [meaning]: at } };
}

/** Characters that show, none of them half a surrogate pair: no user has verified another address (RFC 6531, 3.3). */
const mailto = /^mailto:([\x21-\x7e\u00a1-\ud7ff\ue000-\u{10ffff}]+)$/iu;

/** Longer ones are no e-mail addresses (RFC 5321, 4.5.3.1). */
const longestAddress = 254;

/** A user by account, or by an address that may be a user's; undefined for groups and for anybody else. */
function readActor(publicUrl: string, actor: Actor): HeardStatement['actor'] | undefined {
  const userId = userIdOf(publicUrl, actor);
  if (userId !== null) return idPrefix(userId) === 'user' ? { userId } : undefined;
  if (actor.objectType === 'Group') return undefined;
  const address = mailto.exec(actor.mbox ?? '')?.[1]?.toLowerCase();
  return address !== undefined && address.length <= longestAddress ? { address } : undefined;
}

/** When it happened as the client says, but not later than it was stored, nor before clocks counted from. */
function happenedAt(timestamp: string, stored: string): Date {
  const said = timestampMicros(timestamp);
  const known = timestampMicros(stored);
  const micros = said < known ? said : known;
  return new Date(Math.max(0, Number(micros / 1000n)));
}
